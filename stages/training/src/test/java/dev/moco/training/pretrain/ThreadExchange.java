package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import dev.moco.training.engine.RankExchange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Processes that are threads of the test. */
public final class ThreadExchange implements RankExchange {
    private final CyclicBarrier barrier;
    private final NDArray[] offered;
    private final int process;

    private ThreadExchange(CyclicBarrier barrier, NDArray[] offered, int process) {
        this.barrier = barrier;
        this.offered = offered;
        this.process = process;
    }

    /** Work of one process. */
    @FunctionalInterface
    public interface ProcessWork<T> {
        T run(RankExchange exchange);
    }

    /** Runs all processes at once and returns what each returns. */
    public static <T> List<T> run(int processes, ProcessWork<T> work) {
        if (processes == 1) {
            return List.of(work.run(RankExchange.ALONE));
        }
        CyclicBarrier barrier = new CyclicBarrier(processes);
        NDArray[] offered = new NDArray[processes];
        ExecutorService threads = Executors.newFixedThreadPool(processes);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < processes; i++) {
                RankExchange exchange = new ThreadExchange(barrier, offered, i);
                futures.add(threads.submit(() -> {
                    try {
                        return work.run(exchange);
                    } catch (RuntimeException | Error e) {
                        barrier.reset(); // the others would wait for ever
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
    public int processes() {
        return offered.length;
    }

    @Override
    public int process() {
        return process;
    }

    @Override
    public NDArray gather(NDManager scope, NDArray own) {
        offer(own);
        NDList all = new NDList();
        Arrays.stream(offered).forEach(part -> all.add(copy(scope, part)));
        meet();
        NDArray joined = NDArrays.concat(all);
        joined.attach(scope);
        return joined;
    }

    @Override
    public NDArray scatterSum(NDManager scope, NDArray all) {
        NDArray sum = copy(scope, all);
        sum(sum);
        long share = all.getShape().get(0) / processes();
        NDArray own = sum.get(new NDIndex().addSliceDim(process * share, (process + 1) * share));
        own.attach(scope);
        return own;
    }

    @Override
    public void sum(NDArray array) {
        offer(array);
        NDArray sum = copy(array.getManager(), offered[0]);
        Arrays.stream(offered).skip(1).forEach(other -> sum.addi(copy(array.getManager(), other)));
        meet();
        array.muli(0).addi(sum); // copyTo would replace its memory, of which there are views
        meet();
    }

    private void offer(NDArray own) {
        meet();
        offered[process] = own;
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
