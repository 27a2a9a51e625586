package dev.moco.training.stage;

import dev.moco.artifacts.FileTree;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploads checkpoints while training goes on, one at a time, and deletes their local folders. A failed upload is logged and
 * tried again, with the newest checkpoint that there is then; only after ten minutes of failures does the stage fail. One
 * that is kept is not replaced by a newer one. At most three checkpoints are on the local disk: one that is uploaded, one
 * that waits and is kept, and a newer one.
 */
final class CheckpointUploads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointUploads.class);
    /** Longest time in which every upload fails. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** Shorter than the time that the process has for its end. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(100);

    private static final long POLL_NANOS = Duration.ofMillis(200).toNanos();

    private final Upload upload;
    private final Saved saved;
    private final LongSupplier nanoTime;
    private final Pause pause;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread made = new Thread(work, "checkpoint");
        made.setDaemon(true);
        return made;
    });
    private final Lock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private @Nullable PendingCheckpoint uploading;
    /** Those that wait, oldest first; only the last one may be replaced. */
    private final Deque<PendingCheckpoint> waiting = new ArrayDeque<>();

    private @Nullable StageFailure failure;

    /** Stores the files of a folder as the checkpoint of a step. */
    interface Upload {
        void save(long step, Path folder, boolean keep) throws IOException;
    }

    /** Is called when a checkpoint is stored, with the time for writing and uploading it. */
    interface Saved {
        void saved(long step, Duration saving);
    }

    /** Waits between two attempts. */
    interface Pause {
        void sleep(Duration time) throws InterruptedException;
    }

    private record PendingCheckpoint(long step, Path folder, boolean keep, Duration writing) {}

    CheckpointUploads(Upload upload, Saved saved) {
        this(upload, saved, System::nanoTime, time -> TimeUnit.NANOSECONDS.sleep(time.toNanos()));
    }

    CheckpointUploads(Upload upload, Saved saved, LongSupplier nanoTime, Pause pause) {
        this.upload = upload;
        this.saved = saved;
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    /** Deletes the checkpoint that waits and is not kept, if any, to make room for a newer one. */
    void dropWaiting() throws IOException {
        lock.lock();
        try {
            PendingCheckpoint last = waiting.peekLast();
            if (last != null && !last.keep()) {
                FileTree.delete(last.folder());
                waiting.removeLast();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until no checkpoint that is kept waits, or a stop is requested.
     *
     * @throws StageFailure if no checkpoint could be uploaded for ten minutes
     */
    void awaitKept(BooleanSupplier stopRequested) throws InterruptedException {
        lock.lock();
        try {
            requireNoFailure();
            while (waiting.stream().anyMatch(PendingCheckpoint::keep) && !stopRequested.getAsBoolean()) {
                long unused = ended.awaitNanos(POLL_NANOS);
                requireNoFailure();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Uploads a folder, which belongs to this object from now on.
     *
     * @param keep true if the checkpoint is kept
     * @param writing time for writing it
     * @throws StageFailure if no checkpoint could be uploaded for ten minutes
     */
    void add(long step, Path folder, boolean keep, Duration writing) throws IOException {
        lock.lock();
        try {
            requireNoFailure();
            PendingCheckpoint added = new PendingCheckpoint(step, folder, keep, writing);
            if (uploading == null) {
                uploading = added;
                thread.execute(() -> uploadAll(added));
            } else {
                dropWaiting();
                waiting.add(added);
            }
        } finally {
            lock.unlock();
        }
    }

    /** @throws StageFailure if no checkpoint could be uploaded for ten minutes */
    void requireNoFailure() {
        lock.lock();
        try {
            if (failure != null) {
                throw failure;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all checkpoints are uploaded; at most so long after a request to stop that the process can end in time. */
    void await(BooleanSupplier stopRequested) throws InterruptedException {
        await(stopRequested, STOP_LIMIT);
    }

    /**
     * Waits until all checkpoints are uploaded.
     *
     * @param limit longest time after a request to stop
     * @throws StageFailure if that takes longer, or no checkpoint could be uploaded for ten minutes
     */
    void await(BooleanSupplier stopRequested, Duration limit) throws InterruptedException {
        lock.lock();
        try {
            long left = limit.toNanos();
            while (uploading != null) {
                boolean stopping = stopRequested.getAsBoolean();
                if (stopping && left <= 0) {
                    throw StageFailure.fault("the checkpoint of step " + uploading.step() + " was not uploaded within "
                            + limit.toSeconds() + " s");
                }
                long wait = stopping ? Math.min(left, POLL_NANOS) : POLL_NANOS;
                long unused = ended.awaitNanos(wait);
                left -= stopping ? wait - unused : 0;
            }
            requireNoFailure();
        } finally {
            lock.unlock();
        }
    }

    private void uploadAll(PendingCheckpoint first) {
        try {
            PendingCheckpoint next = first;
            while (next != null) {
                next = uploaded(next);
            }
        } catch (InterruptedException e) {
            end(StageFailure.interrupted("stopped while a checkpoint was uploaded"));
        } catch (StageFailure e) {
            end(e);
        } catch (IOException | RuntimeException | Error e) {
            LOG.error("uploading checkpoints failed", e);
            end(StageFailure.fault("uploading checkpoints failed: " + e.getMessage(), e));
        }
    }

    /** Uploads a checkpoint, or a newer one if that fails; returns the one that waits then. */
    private @Nullable PendingCheckpoint uploaded(PendingCheckpoint first) throws IOException, InterruptedException {
        PendingCheckpoint checkpoint = first;
        Duration nextPause = FIRST_PAUSE;
        long begin = nanoTime.getAsLong();
        while (!attempt(checkpoint, begin)) {
            pause.sleep(nextPause);
            Duration longer = nextPause.multipliedBy(2);
            nextPause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
            checkpoint = newest(checkpoint);
        }
        return next(checkpoint);
    }

    /** @param begin time of the first attempt */
    private boolean attempt(PendingCheckpoint checkpoint, long begin) throws InterruptedException {
        long now = nanoTime.getAsLong();
        try {
            upload.save(checkpoint.step(), checkpoint.folder(), checkpoint.keep());
        } catch (IOException | RuntimeException e) {
            if (thread.isShutdown()) {
                throw new InterruptedException("closed");
            }
            requirePatience(begin, e);
            LOG.warn("no checkpoint of step={} yet, training goes on: {}", checkpoint.step(), e.getMessage());
            return false;
        }
        saved.saved(checkpoint.step(), checkpoint.writing().plusNanos(nanoTime.getAsLong() - now));
        return true;
    }

    private void requirePatience(long firstAttempt, Exception last) {
        Duration failing = Duration.ofNanos(nanoTime.getAsLong() - firstAttempt);
        if (failing.compareTo(PATIENCE) >= 0) {
            String message = "no checkpoint could be uploaded for " + failing.toMinutes()
                    + " minutes; the last failure: " + last.getMessage();
            throw last instanceof StageFailure known && known.exitCode() == ExitCode.BAD_CONFIG
                    ? StageFailure.badConfig(message, last)
                    : StageFailure.fault(message, last);
        }
    }

    /** The checkpoint that waits, which replaces one that failed and is not kept; else that one. */
    private PendingCheckpoint newest(PendingCheckpoint failed) throws IOException {
        lock.lock();
        try {
            return failed.keep() || waiting.isEmpty() ? failed : Objects.requireNonNull(next(failed));
        } finally {
            lock.unlock();
        }
    }

    /** Deletes a checkpoint's folder and takes the one that waits. */
    private @Nullable PendingCheckpoint next(PendingCheckpoint done) throws IOException {
        lock.lock();
        try {
            FileTree.delete(done.folder());
            uploading = waiting.poll();
            ended.signalAll();
            return uploading;
        } finally {
            lock.unlock();
        }
    }

    private void end(StageFailure cause) {
        lock.lock();
        try {
            failure = cause;
            uploading = null;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
