package dev.moco.training.data.loader;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Daemon threads that prepare batches. */
public final class LoaderThreads implements Executor, AutoCloseable {
    private final ThreadPoolExecutor pool;

    public LoaderThreads(int threads) {
        pool = new ThreadPoolExecutor(
                threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), LoaderThreads::daemon);
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** Drops queued tasks. Running ones are not interrupted, as that would close files that other loaders read too. */
    @Override
    public void close() {
        pool.shutdown();
        pool.getQueue().clear();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "loader");
        thread.setDaemon(true);
        return thread;
    }
}
