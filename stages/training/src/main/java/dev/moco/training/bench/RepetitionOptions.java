package dev.moco.training.bench;

import dev.moco.training.bench.Timings.Repetition;
import picocli.CommandLine.Option;

/** Options of the benches that repeat a step; each sets its own defaults. */
final class RepetitionOptions {
    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "Steps before the timed ones. Default: ${DEFAULT-VALUE}")
    int warmup;

    @Option(names = "--steps", paramLabel = "N", description = "Timed steps. Default: ${DEFAULT-VALUE}")
    int steps;

    RepetitionOptions(int warmup, int steps) {
        this.warmup = warmup;
        this.steps = steps;
    }

    void check() {
        BenchMain.requireAtLeast("--warmup", warmup, 0);
        BenchMain.requireAtLeast("--steps", steps, 1);
    }

    /** Times the steps and prints the time of each. */
    Timings time(Repetition step) throws Exception {
        return Timings.of(warmup, steps, number -> {
            long start = System.nanoTime();
            step.run(number);
            String seconds = BenchReport.format((System.nanoTime() - start) / 1e9) + " s";
            BenchMain.printProgress(
                    number < warmup
                            ? "warm-up " + (number + 1) + " of " + warmup + ", " + seconds
                            : "step " + (number - warmup + 1) + " of " + steps + ", " + seconds);
        });
    }

    String text(Timings timings) {
        return BenchReport.text(timings.spread(), " s") + ", " + steps + " timed after " + warmup + " of warm-up";
    }
}
