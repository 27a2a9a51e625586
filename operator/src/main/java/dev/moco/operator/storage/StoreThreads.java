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
    /** Experiments that are polled at a time. */
    static final int POLLING = 16;
    /** Sources of raw data that are listed at a time. */
    static final int LISTING = 16;
    /** Reports that are written at a time; charts are drawn in memory. */
    static final int REPORT = 2;

    static StoreThreads start() {
        // One more than polls, so that what is due is not delayed by them.
        ScheduledThreadPoolExecutor polling =
                new ScheduledThreadPoolExecutor(POLLING + 1, DaemonThreads.named("store"));
        polling.setRemoveOnCancelPolicy(true);
        return new StoreThreads(
                polling,
                Executors.newFixedThreadPool(LISTING, DaemonThreads.named("listing")),
                Executors.newFixedThreadPool(REPORT, DaemonThreads.named("report")));
    }

    @Override
    public void close() {
        polling.shutdownNow();
        listing.shutdownNow();
        report.shutdownNow();
    }
}
