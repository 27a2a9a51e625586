package dev.moco.training.detect.input;

import dev.moco.training.collectives.World;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.loader.LoaderThreads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Loads the images of a process's ranks in the order of the iterations, a few ahead, on other threads. For one consumer. */
public final class TrainingBatches implements AutoCloseable {
    /** Iterations loaded ahead of the consumer. */
    private static final int AHEAD = 2;

    /** Distinguishes the random numbers drawn here from those of target assignment. */
    private static final long KEY = -2;

    private final DetectionImages images;
    private final BatchOrder order;
    private final World world;
    private final long seed;
    private final LoaderThreads threads;
    private final Queue<List<List<Future<TrainingImage>>>> ahead = new ArrayDeque<>();
    private int started;
    private long waitNanos;

    /**
     * Starts to load.
     *
     * @param order of all ranks
     * @param world place of this process among those that share the ranks
     * @param first iteration to start at
     */
    public TrainingBatches(DetectionImages images, BatchOrder order, World world, long seed, int first, int threads) {
        this.images = images;
        this.order = order;
        this.world = world;
        this.seed = seed;
        this.threads = new LoaderThreads(threads);
        while (started < first) {
            order.next();
            started++;
        }
        for (int i = 0; i < AHEAD; i++) {
            start();
        }
    }

    /** Waits for the images of the next iteration, one list for each rank of this process. */
    public List<List<TrainingImage>> next() throws InterruptedException {
        long from = System.nanoTime();
        List<List<TrainingImage>> batch = new ArrayList<>();
        for (List<Future<TrainingImage>> rank : ahead.remove()) {
            List<TrainingImage> ofRank = new ArrayList<>();
            for (Future<TrainingImage> image : rank) {
                ofRank.add(get(image));
            }
            batch.add(ofRank);
        }
        start();
        waitNanos += System.nanoTime() - from;
        return batch;
    }

    /** Nanoseconds that the consumer has spent in {@link #next}. */
    public long waitNanos() {
        return waitNanos;
    }

    private void start() {
        int iteration = started++;
        List<List<Future<TrainingImage>>> batch = new ArrayList<>();
        List<List<Integer>> all = order.next();
        int own = world.ranks(all.size());
        int firstRank = world.firstRank(all.size());
        int slot = firstRank * all.get(0).size();
        for (List<Integer> rank : all.subList(firstRank, firstRank + own)) {
            List<Future<TrainingImage>> ofRank = new ArrayList<>();
            for (int index : rank) {
                CounterRandom random = CounterRandom.of(seed, iteration, slot++, KEY);
                ofRank.add(CompletableFuture.supplyAsync(() -> images.forTraining(index, random), threads));
            }
            batch.add(ofRank);
        }
        ahead.add(batch);
    }

    private static TrainingImage get(Future<TrainingImage> image) throws InterruptedException {
        try {
            return image.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new CompletionException(e.getCause());
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
