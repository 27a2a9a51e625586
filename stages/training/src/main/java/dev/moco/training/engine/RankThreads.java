package dev.moco.training.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Runs the ranks of a step on a few threads; fewer threads than ranks take turns. */
public final class RankThreads implements AutoCloseable {
    private final ExecutorService threads;

    public RankThreads(int count) {
        threads = Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(work, "rank");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Results of all ranks, in their order; the first failure of any is thrown when all have ended. */
    public <T> List<T> forEachRank(int ranks, IntFunction<T> work) {
        List<Callable<T>> calls = new ArrayList<>();
        for (int i = 0; i < ranks; i++) {
            int rank = i;
            calls.add(() -> work.apply(rank));
        }
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(calls)) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted within a step", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
