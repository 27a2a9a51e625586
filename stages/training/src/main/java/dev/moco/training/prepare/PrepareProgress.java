package dev.moco.training.prepare;

import dev.moco.contract.Progress;
import dev.moco.training.stage.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts the images that all threads have written, and makes progress reports of the count. */
final class PrepareProgress {
    /** Time between two reports; making one takes longer than writing a small image. */
    private static final long BETWEEN_NANOS = Duration.ofMillis(200).toNanos();

    private final long images;
    private final Instant start = Instant.now();
    private final AtomicLong done = new AtomicLong();
    /** Images of shards that were in the store at the start. */
    private final AtomicLong found = new AtomicLong();
    /** Images of shards that are in the store. */
    private final AtomicLong stored = new AtomicLong();

    private final AtomicLong lastReport = new AtomicLong(System.nanoTime());

    PrepareProgress(long images) {
        this.images = images;
    }

    /** Counts an image that is written; returns a report now and then, and for the last. */
    Optional<Progress> imageDone() {
        return report(done.incrementAndGet());
    }

    /** Counts the images of a shard that was in the store. */
    Optional<Progress> found(int shardImages) {
        found.addAndGet(shardImages);
        stored.addAndGet(shardImages);
        return report(done.addAndGet(shardImages));
    }

    /** Counts the images of a shard that is stored now; they are written already. */
    Optional<Progress> stored(int shardImages) {
        stored.addAndGet(shardImages);
        return report(done.get());
    }

    private Optional<Progress> report(long step) {
        long now = System.nanoTime();
        long last = lastReport.get();
        boolean due = now - last >= BETWEEN_NANOS && lastReport.compareAndSet(last, now);
        return due || step == images ? Optional.of(progress("writing shards", step)) : Optional.empty();
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
        long written = step - found.get();
        Double rate = written <= 0 ? null : (Double) (written / seconds);
        return new Progress(
                phase,
                0,
                1,
                step,
                images,
                rate,
                null,
                null,
                null,
                null,
                rate == null ? null : (Double) ((images - step) / rate),
                checkpoint(),
                Machine.peakRssMib(),
                now);
    }

    private @Nullable Long checkpoint() {
        return stored.get() == 0 ? null : stored.get();
    }
}
