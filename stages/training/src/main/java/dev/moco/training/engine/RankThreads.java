package dev.moco.training.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Runs the ranks of a step on a few threads, one after another where threads are fewer; one thread is the caller's. */
public final class RankThreads implements AutoCloseable {
    private final int count;
    private final ExecutorService threads;

    public RankThreads(int count) {
        this.count = count;
        threads = Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(work, "rank");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Number of ranks that run at once. */
    public int count() {
        return count;
    }

    /** Returns the results of all ranks in order; throws the first failure after all ranks have ended. */
    public <T> List<T> forEachRank(int ranks, IntFunction<T> work) {
        List<T> results = new ArrayList<>();
        forEachRank(ranks, work, results::add);
        return results;
    }

    /**
     * Passes on the results of the ranks in order, each as soon as it and those before it exist.
     *
     * @param inOrder called on this thread; not called any more after the first failure, which is thrown when all ranks
     *     have ended
     */
    public <T> void forEachRank(int ranks, IntFunction<T> work, Consumer<T> inOrder) {
        if (count == 1) {
            for (int rank = 0; rank < ranks; rank++) {
                inOrder.accept(work.apply(rank));
            }
            return;
        }
        List<Future<T>> results = new ArrayList<>();
        for (int i = 0; i < ranks; i++) {
            int rank = i;
            results.add(threads.submit(() -> work.apply(rank)));
        }
        RuntimeException failure = null;
        for (Future<T> result : results) {
            try {
                T value = result.get();
                if (failure == null) {
                    inOrder.accept(value);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted within a step", e);
            } catch (ExecutionException e) {
                failure = failure != null ? failure : unwrapped(e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException unwrapped(ExecutionException e) {
        return e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
