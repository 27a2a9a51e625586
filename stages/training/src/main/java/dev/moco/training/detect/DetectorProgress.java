package dev.moco.training.detect;

import dev.moco.contract.DetectConfig;
import dev.moco.contract.Progress;
import dev.moco.training.detect.model.Losses;
import dev.moco.training.progress.Figures;
import dev.moco.training.progress.RecentSteps;
import dev.moco.training.stage.Machine;
import dev.moco.training.stage.StageContext;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports where a detection stage is; rates of training are over the last seconds. */
final class DetectorProgress {
    private final StageContext context;
    private final DetectConfig.Solver solver;
    private RecentSteps recent = new RecentSteps();
    private int iterations;
    private long waited;
    private @Nullable Long checkpoint;

    DetectorProgress(StageContext context, DetectConfig.Solver solver) {
        this.context = context;
        this.solver = solver;
    }

    void start(int first) {
        iterations = first;
        checkpoint = first == 0 ? null : (long) first;
        recent = new RecentSteps();
        phase("training");
    }

    /**
     * An iteration is done.
     *
     * @param waitNanos waited for batches since the start
     */
    void trained(int done, Losses losses, long waitNanos) {
        iterations = done;
        recent.trained(new Figures(losses.total(), 0, 0), solver.batchSize(), waitNanos - waited);
        waited = waitNanos;
        phase("training");
    }

    /** Figures of the history besides the losses. */
    Map<String, Double> rates() {
        return recent.rates();
    }

    void saved(int iteration) {
        checkpoint = (long) iteration;
        recent.resume();
        // The stage may end here.
        phase("training");
    }

    /** An image of the test set is done. */
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
        Figures figures = recent.figures();
        context.progress(new Progress(
                phase,
                0,
                1,
                iterations,
                solver.iterations(),
                imagesPerSecond,
                dataWaitShare,
                figures == null ? null : figures.loss(),
                null,
                null,
                etaSeconds,
                checkpoint,
                Machine.peakRssMib(),
                Instant.now()));
    }
}
