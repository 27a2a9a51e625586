package dev.moco.training.detect;

import dev.moco.contract.DetectConfig;
import dev.moco.contract.Progress;
import dev.moco.training.engine.PeakMemory;
import dev.moco.training.stage.StageContext;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports where a detection stage is; rates are over the last seconds. */
final class DetectorProgress {
    private static final double WINDOW_SECONDS = 5;

    private final StageContext context;
    private final DetectConfig.Solver solver;
    private int iterations;
    private @Nullable Long checkpoint;
    private @Nullable Double imagesPerSecond;
    private @Nullable Double dataWaitShare;
    private @Nullable Double loss;

    private long windowStart = System.nanoTime();
    private long windowWait;
    private int windowIterations;
    private double windowLoss;

    DetectorProgress(StageContext context, DetectConfig.Solver solver) {
        this.context = context;
        this.solver = solver;
    }

    void start(int first) {
        iterations = first;
        checkpoint = first == 0 ? null : (long) first;
        windowStart = System.nanoTime();
        phase("training");
    }

    /** An iteration is done. */
    void trained(int done, Losses losses, long waitNanos) {
        iterations = done;
        windowIterations++;
        windowLoss += losses.total();
        double seconds = (System.nanoTime() - windowStart) / 1e9;
        if (loss == null || seconds >= WINDOW_SECONDS) {
            loss = windowLoss / windowIterations;
            imagesPerSecond = windowIterations * solver.batchSize() / seconds;
            dataWaitShare = Math.min(1, (waitNanos - windowWait) / 1e9 / seconds);
            windowStart = System.nanoTime();
            windowWait = waitNanos;
            windowIterations = 0;
            windowLoss = 0;
        }
        phase("training");
    }

    /** Figures of the history besides the losses. */
    Map<String, Double> rates() {
        Map<String, Double> rates = new HashMap<>();
        if (imagesPerSecond != null && dataWaitShare != null) {
            rates.put("imagesPerSecond", imagesPerSecond);
            rates.put("dataWaitShare", dataWaitShare);
        }
        return rates;
    }

    void saved(int iteration) {
        checkpoint = (long) iteration;
    }

    /** An image of the test set is done. */
    void evaluated(int done, int images, long startNanos) {
        imagesPerSecond = done / ((System.nanoTime() - startNanos) / 1e9);
        dataWaitShare = null;
        report("evaluating", (images - done) / imagesPerSecond);
    }

    void phase(String phase) {
        report(phase, etaSeconds());
    }

    private void report(String phase, @Nullable Double etaSeconds) {
        context.progress(new Progress(
                phase,
                0,
                1,
                iterations,
                solver.iterations(),
                imagesPerSecond,
                dataWaitShare,
                loss,
                null,
                null,
                etaSeconds,
                checkpoint,
                PeakMemory.mib(),
                Instant.now()));
    }

    private @Nullable Double etaSeconds() {
        int left = solver.iterations() - iterations;
        return imagesPerSecond == null ? null : left * solver.batchSize() / imagesPerSecond;
    }
}
