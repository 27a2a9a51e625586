package dev.moco.training.detect;

import dev.moco.contract.DetectConfig;
import dev.moco.contract.Progress;
import dev.moco.training.detect.model.Losses;
import dev.moco.training.progress.Metrics;
import dev.moco.training.progress.RecentSteps;
import dev.moco.training.stage.Machine;
import dev.moco.training.stage.StageContext;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports the progress of a detection stage; the rates of training are those of the last seconds. */
final class DetectorProgress {
    private final StageContext context;
    private final DetectConfig.Solver solver;
    private RecentSteps recent = new RecentSteps();
    private int iterations;
    private long waited;

    DetectorProgress(StageContext context, DetectConfig.Solver solver) {
        this.context = context;
        this.solver = solver;
    }

    void start(int first) {
        iterations = first;
        recent = new RecentSteps();
        phase("training");
    }

    /**
     * Reports that an iteration is done.
     *
     * @param waitNanos time spent waiting for batches since the start
     */
    void trained(int done, Losses losses, long waitNanos) {
        iterations = done;
        recent.trained(new Metrics(losses.total(), 0, 0), solver.batchSize(), waitNanos - waited);
        waited = waitNanos;
        phase("training");
    }

    /** Rates to add to the losses in the history. */
    Map<String, Double> rates() {
        return recent.rates();
    }

    /** Excludes the time since the last iteration, which was spent on something else, from the rates. */
    void resume() {
        recent.resume();
    }

    /** Reports that an image of the test set is done. */
    void evaluated(int done, int images, long startNanos) {
        double imagesPerSecond = done / ((System.nanoTime() - startNanos) / 1e9);
        report("evaluating", imagesPerSecond, null, (images - done) / imagesPerSecond);
    }

    void phase(String phase) {
        Double imagesPerSecond = recent.imagesPerSecond();
        int left = solver.iterations() - iterations;
        Double etaSeconds = imagesPerSecond == null ? null : left * solver.batchSize() / imagesPerSecond;
        report(phase, imagesPerSecond, recent.dataWaitShare(), etaSeconds);
    }

    private void report(
            String phase,
            @Nullable Double imagesPerSecond,
            @Nullable Double dataWaitShare,
            @Nullable Double etaSeconds) {
        Metrics metrics = recent.metrics();
        context.progress(new Progress(
                phase,
                0,
                1,
                iterations,
                solver.iterations(),
                imagesPerSecond,
                dataWaitShare,
                metrics == null ? null : metrics.loss(),
                null,
                null,
                etaSeconds,
                null,
                Machine.peakRssMib(),
                Instant.now()));
    }
}
