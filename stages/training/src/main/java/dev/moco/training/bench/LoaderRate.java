package dev.moco.training.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.ViewBatch;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.OptionalDouble;

/**
 * What a loader makes when nothing but it works.
 *
 * @param batch images a batch
 * @param perBatch seconds a batch, one figure a round
 * @param imagesPerCoreSecond images by a second of this process' processor time; empty where too little was used to tell
 */
record LoaderRate(int batch, Timings perBatch, OptionalDouble imagesPerCoreSecond) {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Linux counts a process' time in hundredths of a second: less than this would be told to worse than a tenth. */
    private static final Duration LEAST_BUSY = Duration.ofMillis(100);

    /**
     * Rounds after a warm-up.
     *
     * @param warmup batches before the first round
     * @param ofRound batches of a round
     */
    record Rounds(int warmup, int count, int ofRound) {
        /** Batches of all, and a few more: the loader is as busy at the end as at the start. */
        int batches() {
            return warmup + count * ofRound + 4;
        }
    }

    static LoaderRate measure(BatchStream<ViewBatch> batches, int batch, Rounds rounds) throws Exception {
        take(batches, rounds.warmup());
        long from = SYSTEM.getProcessCpuTime();
        Timings perRound = Timings.of(0, rounds.count(), number -> take(batches, rounds.ofRound()));
        Duration busy = Duration.ofNanos(SYSTEM.getProcessCpuTime() - from);
        return new LoaderRate(
                batch,
                new Timings(perRound.seconds().stream()
                        .map(seconds -> seconds / rounds.ofRound())
                        .toList()),
                perCoreSecond(batch * rounds.count() * rounds.ofRound(), busy));
    }

    /** Images by a second of processor time, which is empty for a time that the clock cannot tell. */
    static OptionalDouble perCoreSecond(int images, Duration busy) {
        return busy.compareTo(LEAST_BUSY) < 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(images * 1e9 / busy.toNanos());
    }

    private static void take(BatchStream<ViewBatch> batches, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            batches.next().close();
        }
    }

    Timings.Spread imagesPerSecond() {
        return perBatch.rates(batch);
    }
}
