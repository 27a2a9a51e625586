package dev.moco.training.progress;

import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Progress;
import dev.moco.training.engine.PeakMemory;
import dev.moco.training.stage.StageContext;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports where a run is; rates and figures are over the last seconds. */
public final class EpochProgress {
    private static final double WINDOW_SECONDS = 5;

    private final StageContext context;
    private final int epochs;
    private final int stepsPerEpoch;
    private final int batchSize;
    private long step;
    private @Nullable Long checkpoint;
    private @Nullable Double imagesPerSecond;
    private @Nullable Double dataWaitShare;
    private @Nullable Figures recent;
    private long windowStart = System.nanoTime();
    private long windowWait;
    private FigureSums window = FigureSums.NONE;

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
    public void trained(Figures figures, int images, long waitNanos) {
        step++;
        window = window.plus(figures, images);
        windowWait += waitNanos;
        double seconds = (System.nanoTime() - windowStart) / 1e9;
        if (recent == null || seconds >= WINDOW_SECONDS) {
            recent = window.mean();
            imagesPerSecond = window.weight() / seconds;
            dataWaitShare = Math.min(1, windowWait / 1e9 / seconds);
            restart();
        }
        phase("training");
    }

    /** Leaves the time since the last step, spent on something else, out of the rates. */
    public void restart() {
        windowStart = System.nanoTime();
        windowWait = 0;
        window = FigureSums.NONE;
    }

    /** A checkpoint of the current step is committed. */
    public void saved() {
        checkpoint = step;
    }

    /** What is being done, from now on. */
    public void phase(String phase) {
        // The last step ends its epoch; the next has not begun.
        int epoch = (int) Math.min(epochs - 1L, step / stepsPerEpoch);
        context.progress(new Progress(
                phase,
                epoch,
                epochs,
                step,
                (long) epochs * stepsPerEpoch,
                imagesPerSecond,
                dataWaitShare,
                recent == null ? null : recent.loss(),
                recent == null ? null : recent.top1(),
                recent == null ? null : recent.top5(),
                etaSeconds(),
                checkpoint,
                PeakMemory.mib(),
                Instant.now()));
    }

    /** A line of the history: means since the last one. */
    public void history(int epoch, Figures means, double learningRate) {
        Map<String, Double> values = new HashMap<>(
                Map.of("loss", means.loss(), "top1", means.top1(), "top5", means.top5(), "learningRate", learningRate));
        if (imagesPerSecond != null && dataWaitShare != null) {
            values.put("imagesPerSecond", imagesPerSecond);
            values.put("dataWaitShare", dataWaitShare);
        }
        history(epoch, values);
    }

    /** A line of the history with other figures. */
    public void history(int epoch, Map<String, Double> values) {
        context.history(new HistoryPoint(epoch, step, values));
    }

    private @Nullable Double etaSeconds() {
        long left = (long) epochs * stepsPerEpoch - step;
        return imagesPerSecond == null ? null : left * batchSize / imagesPerSecond;
    }
}
