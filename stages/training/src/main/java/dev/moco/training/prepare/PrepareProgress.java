package dev.moco.training.prepare;

import dev.moco.contract.Progress;
import dev.moco.training.stage.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the images that all threads have written, and makes progress reports of the count. */
final class PrepareProgress {
    /** Images between two reports; making one takes longer than writing a small image. */
    private static final int EVERY = 32;

    private final long images;
    private final Instant start = Instant.now();
    private final AtomicLong done = new AtomicLong();

    PrepareProgress(long images) {
        this.images = images;
    }

    /** Counts an image; returns a report for every {@link #EVERY}th image and for the last. */
    Optional<Progress> imageDone() {
        long step = done.incrementAndGet();
        return step % EVERY == 0 || step == images ? Optional.of(progress("writing shards", step)) : Optional.empty();
    }

    /** Report of the listing of the source; the number of files is unknown until it ends. */
    static Progress listing(long files) {
        Instant now = Instant.now();
        return new Progress(
                "listing", 0, 1, files, 0, null, null, null, null, null, null, null, Machine.peakRssMib(), now);
    }

    private Progress progress(String phase, long step) {
        Instant now = Instant.now();
        double seconds = Math.max(1e-3, Duration.between(start, now).toMillis() / 1e3);
        double rate = step / seconds;
        Double eta = step == 0 ? null : (images - step) / rate;
        return new Progress(
                phase,
                0,
                1,
                step,
                images,
                step == 0 ? null : rate,
                null,
                null,
                null,
                null,
                eta,
                null,
                Machine.peakRssMib(),
                now);
    }
}
