package dev.moco.training.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.ViewBatch;
import java.lang.management.ManagementFactory;

/**
 * What a loader makes when nothing but it works.
 *
 * @param batch images a batch
 * @param perBatch seconds a batch, one figure a round
 * @param imagesPerCoreSecond images by a second of this process' processor time
 */
record LoaderRate(int batch, Timings perBatch, double imagesPerCoreSecond) {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

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
        double busy = (SYSTEM.getProcessCpuTime() - from) / 1e9;
        return new LoaderRate(
                batch,
                new Timings(perRound.seconds().stream()
                        .map(seconds -> seconds / rounds.ofRound())
                        .toList()),
                batch * rounds.count() * rounds.ofRound() / busy);
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
