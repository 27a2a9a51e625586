package dev.moco.training.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.ViewBatch;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.OptionalDouble;

/**
 * Rate of a loader while no training runs beside it.
 *
 * @param batchSize images of a batch
 * @param perBatch seconds of a batch, the mean of each round
 * @param imagesPerCoreSecond images for each second of this process's processor time; empty if too little was used
 */
record LoaderRate(int batchSize, Timings perBatch, OptionalDouble imagesPerCoreSecond) {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Linux counts processor time in hundredths of a second; below this, the error exceeds a tenth. */
    private static final Duration LEAST_CPU_TIME = Duration.ofMillis(100);

    /**
     * Rounds of a measurement.
     *
     * @param warmup batches before the first round
     * @param count number of rounds
     * @param batchesPerRound batches of a round
     */
    record Rounds(int warmup, int count, int batchesPerRound) {
        /** Batches of all rounds, and four more, so that the loader works at full load until the end. */
        int batches() {
            return warmup + count * batchesPerRound + 4;
        }
    }

    static LoaderRate measure(BatchStream<ViewBatch> batches, int batchSize, Rounds rounds) throws Exception {
        consume(batches, rounds.warmup());
        long from = SYSTEM.getProcessCpuTime();
        Timings perRound = Timings.of(0, rounds.count(), number -> consume(batches, rounds.batchesPerRound()));
        Duration cpuTime = Duration.ofNanos(SYSTEM.getProcessCpuTime() - from);
        return new LoaderRate(
                batchSize,
                new Timings(perRound.seconds().stream()
                        .map(seconds -> seconds / rounds.batchesPerRound())
                        .toList()),
                perCoreSecond(batchSize * rounds.count() * rounds.batchesPerRound(), cpuTime));
    }

    /** Images for each second of processor time; empty if the time is too short to measure. */
    static OptionalDouble perCoreSecond(int images, Duration cpuTime) {
        return cpuTime.compareTo(LEAST_CPU_TIME) < 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(images * 1e9 / cpuTime.toNanos());
    }

    private static void consume(BatchStream<ViewBatch> batches, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            batches.next().close();
        }
    }

    Timings.Spread imagesPerSecond() {
        return perBatch.rates(batchSize);
    }
}
