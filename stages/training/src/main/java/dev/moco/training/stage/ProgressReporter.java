package dev.moco.training.stage;

import dev.moco.contract.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes and logs the progress of a stage, on another thread than training and with a least time between two writes. While
 * the program reports nothing but its files move, such as at a long upload, the last report is repeated.
 */
final class ProgressReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressReporter.class);
    /** Below 10 s, so that no stage is silent for longer. */
    private static final Duration BETWEEN_LOG_LINES = Duration.ofSeconds(8);

    /** Time without a report after which one is repeated, if files move. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private static final Duration BETWEEN_CHECKS = Duration.ofMillis(2500);

    private final Sink sink;
    private final Duration between;
    private final LongSupplier transferred;
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "progress");
        thread.setDaemon(true);
        return thread;
    });
    private Instant written = Instant.MIN;
    private Instant logged = Instant.MIN;
    private @Nullable Future<?> repetition;
    private @Nullable Progress last;
    private @Nullable Long checkpoint;
    private long transferredBefore;
    /** Transfers by writing progress. */
    private final AtomicLong ownTransfers = new AtomicLong();

    /** Destination of the progress. */
    interface Sink {
        void write(Progress progress) throws Exception;
    }

    /** @param transferred number that grows while files are read from the store or written to it */
    ProgressReporter(Sink sink, Duration between, LongSupplier transferred) {
        this.sink = sink;
        this.between = between;
        this.transferred = transferred;
    }

    /** Checks every few seconds whether the last report is to be repeated. */
    void repeatWhileFilesMove() {
        repetition = writer.scheduleWithFixedDelay(
                () -> repeat(Instant.now()),
                BETWEEN_CHECKS.toMillis(),
                BETWEEN_CHECKS.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Reports the step and the newest checkpoint of the run before, if any, until the program reports its own. */
    synchronized void begin(Optional<Progress> before) {
        checkpoint = before.map(Progress::checkpointStep).orElse(null);
        report(new Progress(
                "starting",
                before.map(Progress::epoch).orElse(0),
                before.map(Progress::epochs).orElse(1),
                before.map(Progress::step).orElse(0L),
                before.map(Progress::steps).orElse(0L),
                null,
                null,
                null,
                null,
                null,
                null,
                checkpoint,
                Machine.peakRssMib(),
                Instant.now()));
    }

    /** Sets the newest checkpoint, which is in all reports that name no other. */
    synchronized void checkpoint(@Nullable Long step) {
        checkpoint = step;
        if (last != null) {
            last = last.withCheckpoint(step);
        }
    }

    /** Reports that a phase begins, with the numbers of the last report. */
    synchronized void phase(String phase) {
        if (last != null) {
            report(last.inPhase(phase, Instant.now()));
        }
    }

    /** Repeats the last report if it is old and files have moved since the last check. */
    synchronized void repeat(Instant now) {
        long count = transferred.getAsLong() - ownTransfers.get();
        if (last != null
                && count != transferredBefore
                && !now.isBefore(last.updated().plus(SILENCE))) {
            report(last.inPhase(last.phase(), now));
        }
        transferredBefore = count;
    }

    synchronized void report(Progress reported) {
        Progress progress = reported.checkpointStep() == null ? reported.withCheckpoint(checkpoint) : reported;
        Progress before = last;
        last = progress;
        boolean newPhase = before == null || !before.phase().equals(progress.phase());
        Instant now = progress.updated();
        if (newPhase || !now.isBefore(written.plus(between))) {
            written = now;
            writer.execute(() -> write(progress));
        }
        if (newPhase || !now.isBefore(logged.plus(BETWEEN_LOG_LINES))) {
            logged = now;
            log(progress);
        }
    }

    private static void log(Progress progress) {
        LOG.info(
                "phase={} epoch={}/{} step={}/{} loss={} top1={} top5={} imagesPerSecond={} dataWaitShare={}"
                        + " etaSeconds={} peakRssMib={}",
                progress.phase(),
                progress.epoch(),
                progress.epochs(),
                progress.step(),
                progress.steps(),
                rounded(progress.loss()),
                rounded(progress.top1()),
                rounded(progress.top5()),
                rounded(progress.imagesPerSecond()),
                rounded(progress.dataWaitShare()),
                rounded(progress.etaSeconds()),
                progress.peakRssMib());
    }

    private static @Nullable Double rounded(@Nullable Double value) {
        return value == null ? null : Math.round(value * 1000) / 1000.0;
    }

    private void write(Progress progress) {
        long before = transferred.getAsLong();
        try {
            sink.write(progress);
        } catch (Exception e) { // training does not depend on the progress, so it continues
            LOG.warn("cannot write the progress: {}", e.getMessage());
        }
        ownTransfers.addAndGet(transferred.getAsLong() - before);
    }

    /** Writes the last report. */
    @Override
    public void close() {
        if (repetition != null) {
            repetition.cancel(false);
        }
        writeLast();
        writer.shutdown();
        try {
            writer.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void writeLast() {
        Progress newest = last;
        if (newest != null) {
            writer.execute(() -> write(newest));
        }
    }
}
