package dev.moco.training.prepare;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Waits that end within a moment after a request to stop, or after the failure of another thread. */
final class StoppableWaits {
    private static final long POLL_MILLIS = 100;

    private final BooleanSupplier stopRequested;
    private volatile boolean ended;

    StoppableWaits(BooleanSupplier stopRequested) {
        this.stopRequested = stopRequested;
    }

    /** Ends all waits, now and later. */
    void end() {
        ended = true;
    }

    /** @throws StageFailure interrupted, after a request to stop */
    void check() {
        if (ended || stopRequested.getAsBoolean()) {
            throw StageFailure.interrupted(
                    "prepare was stopped; the next run continues after the shards that are stored");
        }
    }

    /** Waits for a result; throws the failure of its thread. */
    <T> T get(Future<T> future) throws IOException, InterruptedException {
        while (true) {
            check();
            try {
                return future.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // check again
            } catch (ExecutionException e) {
                if (e.getCause() instanceof StageFailure failure) {
                    throw failure;
                }
                if (e.getCause() instanceof IOException failure) {
                    throw failure;
                }
                throw new IllegalStateException("a shard's job failed", e.getCause());
            }
        }
    }

    void acquire(Semaphore semaphore, int permits) throws InterruptedException {
        do {
            check();
        } while (!semaphore.tryAcquire(permits, POLL_MILLIS, TimeUnit.MILLISECONDS));
    }
}
