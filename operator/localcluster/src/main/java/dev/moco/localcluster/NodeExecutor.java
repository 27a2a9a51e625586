package dev.moco.localcluster;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads of a node. Faults of tasks are logged; tasks after the shutdown are dropped. */
final class NodeExecutor extends ScheduledThreadPoolExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(NodeExecutor.class);

    NodeExecutor(int threads, String name) {
        super(
                threads,
                task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        setRemoveOnCancelPolicy(true);
        setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    /** Runs a task after a delay. */
    @SuppressWarnings("FutureReturnValueIgnored") // its faults are logged below
    void later(Duration delay, Runnable task) {
        schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs a task repeatedly, with a pause before each run. */
    @SuppressWarnings("FutureReturnValueIgnored") // its faults are logged below
    void every(Duration pause, Runnable task) {
        scheduleWithFixedDelay(task, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable failure) {
        super.afterExecute(task, failure);
        if (task instanceof Future<?> future && future.isDone()) {
            try {
                future.get();
            } catch (ExecutionException e) {
                LOG.error("a task of the node failed", e.getCause());
            } catch (CancellationException e) {
                LOG.trace("canceled", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
