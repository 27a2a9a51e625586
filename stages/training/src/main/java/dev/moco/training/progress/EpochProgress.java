package dev.moco.training.progress;

import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Progress;
import dev.moco.training.stage.Machine;
import dev.moco.training.stage.StageContext;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports the progress of a run; rates and metrics are those of the last seconds. */
public final class EpochProgress {
    private final StageContext context;
    private final int epochs;
    private final int stepsPerEpoch;
    private final int batchSize;
    private final RecentSteps recent = new RecentSteps();
    private long step;

    /** Starts at a step: 0, or a checkpoint's. */
    public EpochProgress(StageContext context, int epochs, int stepsPerEpoch, int batchSize, long firstStep) {
        this.context = context;
        this.epochs = epochs;
        this.stepsPerEpoch = stepsPerEpoch;
        this.batchSize = batchSize;
        this.step = firstStep;
    }

    /** Adds a step that is done and the time for which it waited for its batch. */
    public void trained(Metrics metrics, int images, long waitNanos) {
        step++;
        recent.trained(metrics, images, waitNanos);
        phase("training");
    }

    /** Excludes the time since the last step, which was spent on something else, from the rates. */
    public void resume() {
        recent.resume();
    }

    /** Reports that a phase other than training begins, in which each batch is reported. */
    public Phase begin(String name) {
        phase(name);
        return new Phase(name);
    }

    /** A phase that is going on. */
    public final class Phase {
        private final String name;
        private final long begin = System.nanoTime();
        private long done;

        private Phase(String name) {
            this.name = name;
        }

        /** Reports that a batch of images is done. */
        public void done(int batch) {
            done += batch;
            report(name, done / Math.max(1e-9, (System.nanoTime() - begin) / 1e9));
        }
    }

    private void phase(String name) {
        report(name, recent.imagesPerSecond());
    }

    private void report(String phase, @Nullable Double imagesPerSecond) {
        // The last step ends its epoch; the next has not begun.
        int epoch = (int) Math.min(epochs - 1L, step / stepsPerEpoch);
        Metrics metrics = recent.metrics();
        context.progress(new Progress(
                phase,
                epoch,
                epochs,
                step,
                (long) epochs * stepsPerEpoch,
                imagesPerSecond,
                recent.dataWaitShare(),
                metrics == null ? null : metrics.loss(),
                metrics == null ? null : metrics.top1(),
                metrics == null ? null : metrics.top5(),
                etaSeconds(),
                null,
                Machine.peakRssMib(),
                Instant.now()));
    }

    /** Writes a line of the history: means since the last one. */
    public void history(int epoch, Metrics means, double learningRate) {
        Map<String, Double> values = new HashMap<>(
                Map.of("loss", means.loss(), "top1", means.top1(), "top5", means.top5(), "learningRate", learningRate));
        values.putAll(recent.rates());
        history(epoch, values);
    }

    /** Writes a line of the history with other metrics. */
    public void history(int epoch, Map<String, Double> values) {
        context.history(new HistoryPoint(epoch, step, values));
    }

    private @Nullable Double etaSeconds() {
        long left = (long) epochs * stepsPerEpoch - step;
        Double imagesPerSecond = recent.imagesPerSecond();
        return imagesPerSecond == null ? null : left * batchSize / imagesPerSecond;
    }
}
