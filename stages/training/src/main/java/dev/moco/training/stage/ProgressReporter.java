package dev.moco.training.stage;

import dev.moco.contract.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes and logs the progress of a stage, on another thread than training and with a least time between two writes.
 */
final class ProgressReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressReporter.class);
    private static final Duration BETWEEN_LOG_LINES = Duration.ofSeconds(10);

    private final Sink sink;
    private final Duration between;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "progress");
        thread.setDaemon(true);
        return thread;
    });
    private Instant written = Instant.MIN;
    private Instant logged = Instant.MIN;
    private @Nullable Progress last;

    /** Destination of the progress. */
    interface Sink {
        void write(Progress progress) throws Exception;
    }

    ProgressReporter(Sink sink, Duration between) {
        this.sink = sink;
        this.between = between;
    }

    synchronized void report(Progress progress) {
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
        try {
            sink.write(progress);
        } catch (Exception e) { // training does not depend on the progress, so it continues
            LOG.warn("cannot write the progress: {}", e.getMessage());
        }
    }

    /** Writes the last report. */
    @Override
    public synchronized void close() {
        Progress newest = last;
        if (newest != null) {
            writer.execute(() -> write(newest));
        }
        writer.shutdown();
        try {
            writer.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
