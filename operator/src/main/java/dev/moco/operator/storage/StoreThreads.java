package dev.moco.operator.storage;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * Threads on which stores are read, beside the reconcile loop.
 *
 * @param polling manifests and progress, and everything that is due later
 * @param listing raw data
 * @param report reports of finished experiments
 */
record StoreThreads(ScheduledExecutorService polling, ExecutorService listing, ExecutorService report)
        implements AutoCloseable {
    private static final int POLLING = 8;
    private static final int LISTING = 2;

    static StoreThreads start() {
        ScheduledThreadPoolExecutor polling = new ScheduledThreadPoolExecutor(POLLING, DaemonThreads.named("store"));
        polling.setRemoveOnCancelPolicy(true);
        return new StoreThreads(
                polling,
                Executors.newFixedThreadPool(LISTING, DaemonThreads.named("listing")),
                // One thread: charts are drawn in memory.
                Executors.newSingleThreadExecutor(DaemonThreads.named("report")));
    }

    @Override
    public void close() {
        polling.shutdownNow();
        listing.shutdownNow();
        report.shutdownNow();
    }
}
