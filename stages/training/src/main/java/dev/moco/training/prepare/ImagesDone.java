package dev.moco.training.prepare;

import dev.moco.contract.Progress;
import dev.moco.training.stage.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts images over all threads into progress. */
final class ImagesDone {
    private static final int EVERY = 32;

    private final long images;
    private final Instant start = Instant.now();
    private final AtomicLong done = new AtomicLong();

    ImagesDone(long images) {
        this.images = images;
    }

    /** Counts one more; the progress now and then, as building one costs more than a small image. */
    Optional<Progress> another() {
        long step = done.incrementAndGet();
        return step % EVERY == 0 || step == images ? Optional.of(progress("writing shards", step)) : Optional.empty();
    }

    /** Progress before the source is listed. */
    static Progress listing() {
        return new ImagesDone(0).progress("listing", 0);
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
