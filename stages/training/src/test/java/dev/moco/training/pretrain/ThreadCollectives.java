package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Processes that are threads of the test, with sums of any type of floating-point numbers. */
public final class ThreadCollectives implements Collectives {
    private final CyclicBarrier barrier;
    private final Object[] offered;
    private final World world;

    private ThreadCollectives(CyclicBarrier barrier, Object[] offered, World world) {
        this.barrier = barrier;
        this.offered = offered;
        this.world = world;
    }

    /** Work of one process. */
    @FunctionalInterface
    public interface ThreadWork<T> {
        T run(Collectives collectives);
    }

    /** Runs all processes at once and returns what each returns. */
    public static <T> List<T> run(int processes, ThreadWork<T> work) {
        if (processes == 1) {
            return List.of(work.run(Collectives.ALONE));
        }
        CyclicBarrier barrier = new CyclicBarrier(processes);
        Object[] offered = new Object[processes];
        ExecutorService threads = Executors.newFixedThreadPool(processes);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < processes; i++) {
                Collectives collectives = new ThreadCollectives(barrier, offered, new World(i, processes));
                futures.add(threads.submit(() -> {
                    try {
                        return work.run(collectives);
                    } catch (RuntimeException | Error e) {
                        threads.shutdownNow(); // interrupts the others, which would wait for ever
                        throw e;
                    }
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }

    @Override
    public World world() {
        return world;
    }

    @Override
    public NDArray allGather(NDManager scope, NDArray own) {
        NDList all = new NDList();
        for (List<NDArray> part : arrays(List.of(own))) {
            all.add(copy(scope, part.get(0)));
        }
        meet();
        NDArray joined = NDArrays.concat(all);
        joined.attach(scope);
        return joined;
    }

    @Override
    public void sumInOrder(List<NDArray> ofOwnRanks, NDArray sum) {
        try (NDManager scope = sum.getManager().newSubManager()) {
            NDArray total = sum(scope, ofOwnRanks);
            total.copyTo(sum);
        }
        meet();
    }

    @Override
    public NDArray reduceScatter(NDManager scope, List<NDArray> ofOwnRanks) {
        NDArray sum = sum(scope, ofOwnRanks);
        long share = sum.getShape().get(0) / world.size();
        NDArray own = sum.get(new NDIndex().addSliceDim(world.index() * share, (world.index() + 1) * share));
        own.attach(scope);
        return own;
    }

    private NDArray sum(NDManager scope, List<NDArray> ofOwnRanks) {
        List<NDArray> all = new ArrayList<>();
        for (List<NDArray> ranks : arrays(ofOwnRanks)) {
            ranks.forEach(rank -> all.add(copy(scope, rank)));
        }
        meet();
        NDArray total = all.get(0);
        all.stream().skip(1).forEach(total::addi);
        return total;
    }

    @Override
    public void broadcast(NDArray array, int root) {
        throw new UnsupportedOperationException();
    }

    @Override
    public double[][] agree(double... mine) {
        offer(mine);
        double[][] all = new double[world.size()][];
        for (int i = 0; i < all.length; i++) {
            all[i] = ((double[]) offered[i]).clone();
        }
        meet();
        return all;
    }

    @Override
    public void close() {}

    private List<List<NDArray>> arrays(List<NDArray> own) {
        offer(own.toArray(NDArray[]::new));
        return Arrays.stream(offered).map(part -> List.of((NDArray[]) part)).toList();
    }

    private void offer(Object own) {
        meet();
        offered[world.index()] = own;
        meet();
    }

    private void meet() {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException("another process failed", e);
        }
    }

    private static NDArray copy(NDManager scope, NDArray array) {
        return array.getDataType() == DataType.FLOAT32
                ? scope.create(array.toFloatArray(), array.getShape())
                : scope.create(array.toDoubleArray(), array.getShape());
    }
}
