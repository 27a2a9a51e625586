package dev.moco.training.progress;

import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Progress;
import dev.moco.training.stage.Machine;
import dev.moco.training.stage.StageContext;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports where a run is; rates and metrics are over the last seconds. */
public final class EpochProgress {
    private final StageContext context;
    private final int epochs;
    private final int stepsPerEpoch;
    private final int batchSize;
    private final RecentSteps recent = new RecentSteps();
    private long step;
    private @Nullable Long checkpoint;

    /** Starts at a step: 0, or a checkpoint's. */
    public EpochProgress(StageContext context, int epochs, int stepsPerEpoch, int batchSize, long firstStep) {
        this.context = context;
        this.epochs = epochs;
        this.stepsPerEpoch = stepsPerEpoch;
        this.batchSize = batchSize;
        this.step = firstStep;
        this.checkpoint = firstStep == 0 ? null : firstStep;
    }

    /** A step is done, and waited for its batch. */
    public void trained(Metrics metrics, int images, long waitNanos) {
        step++;
        recent.trained(metrics, images, waitNanos);
        phase("training");
    }

    /** Training goes on; the time since the last step, spent on something else, is left out of the rates. */
    public void resume() {
        recent.resume();
    }

    /** A checkpoint of the current step is committed; told at once, as the stage may end here. */
    public void saved() {
        checkpoint = step;
        phase("training");
    }

    /** What is being done, from now on. */
    public void phase(String phase) {
        // The last step ends its epoch; the next has not begun.
        int epoch = (int) Math.min(epochs - 1L, step / stepsPerEpoch);
        Metrics metrics = recent.metrics();
        context.progress(new Progress(
                phase,
                epoch,
                epochs,
                step,
                (long) epochs * stepsPerEpoch,
                recent.imagesPerSecond(),
                recent.dataWaitShare(),
                metrics == null ? null : metrics.loss(),
                metrics == null ? null : metrics.top1(),
                metrics == null ? null : metrics.top5(),
                etaSeconds(),
                checkpoint,
                Machine.peakRssMib(),
                Instant.now()));
    }

    /** A line of the history: means since the last one. */
    public void history(int epoch, Metrics means, double learningRate) {
        Map<String, Double> values = new HashMap<>(
                Map.of("loss", means.loss(), "top1", means.top1(), "top5", means.top5(), "learningRate", learningRate));
        values.putAll(recent.rates());
        history(epoch, values);
    }

    /** A line of the history with other metrics. */
    public void history(int epoch, Map<String, Double> values) {
        context.history(new HistoryPoint(epoch, step, values));
    }

    private @Nullable Double etaSeconds() {
        long left = (long) epochs * stepsPerEpoch - step;
        Double imagesPerSecond = recent.imagesPerSecond();
        return imagesPerSecond == null ? null : left * batchSize / imagesPerSecond;
    }
}
