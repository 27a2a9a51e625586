package dev.moco.training.prepare;

import dev.moco.contract.Progress;
import dev.moco.contract.StageFailure;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Reports about once a second how many files were listed, and ends the listing if the stage shall stop. */
final class ListingProgress {
    private static final long INTERVAL_NANOS = 1_000_000_000;

    private final Consumer<Progress> reports;
    private final BooleanSupplier stopRequested;
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong reported = new AtomicLong(System.nanoTime());

    /** Sends the first report. */
    ListingProgress(Consumer<Progress> reports, BooleanSupplier stopRequested) {
        this.reports = reports;
        this.stopRequested = stopRequested;
        reports.accept(PrepareProgress.listing(0));
    }

    /** Counts a file; threads may call it at the same time. */
    void listed() {
        long count = files.incrementAndGet();
        long last = reported.get();
        long now = System.nanoTime();
        if (now - last >= INTERVAL_NANOS && reported.compareAndSet(last, now)) {
            reports.accept(PrepareProgress.listing(count));
        }
        if (stopRequested.getAsBoolean()) {
            throw StageFailure.interrupted(
                    "prepare was stopped while it listed the source; archives that are listed are not listed again");
        }
    }
}
