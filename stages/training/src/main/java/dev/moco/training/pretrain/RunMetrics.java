package dev.moco.training.pretrain;

import dev.moco.training.progress.MetricAverage;
import dev.moco.training.progress.Metrics;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Metrics of a run so far, some of which it reports at its end; part of a checkpoint.
 *
 * @param epoch metrics since the epoch began
 * @param window metrics since the last line of the history
 * @param knnTop1 top-1 accuracy of the newest kNN monitor, percent; null before the first
 * @param knnTop1Untrained top-1 accuracy of the kNN monitor with the initial weights
 */
record RunMetrics(
        MetricAverage epoch,
        MetricAverage window,
        @Nullable Double knnTop1,
        @Nullable Double knnTop1Untrained) {
    static final RunMetrics START = new RunMetrics(MetricAverage.NONE, MetricAverage.NONE, null, null);

    RunMetrics {
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(window, "window");
    }

    RunMetrics withStep(Metrics metrics, int images) {
        return new RunMetrics(epoch.plus(metrics, images), window.plus(metrics, images), knnTop1, knnTop1Untrained);
    }

    RunMetrics withNewEpoch() {
        return new RunMetrics(MetricAverage.NONE, window, knnTop1, knnTop1Untrained);
    }

    RunMetrics withNewWindow() {
        return new RunMetrics(epoch, MetricAverage.NONE, knnTop1, knnTop1Untrained);
    }

    /** The metrics of a run that goes on from another one's, whose monitor may have been off. */
    RunMetrics ofAnother(boolean monitored) {
        return new RunMetrics(epoch, window, null, monitored ? knnTop1Untrained : null);
    }

    /** Adds the result of a monitor before the first step. */
    RunMetrics withUntrainedKnn(double top1) {
        return new RunMetrics(epoch, window, top1, top1);
    }

    /** Adds the result of a monitor. */
    RunMetrics withKnn(double top1) {
        return new RunMetrics(epoch, window, top1, knnTop1Untrained);
    }
}
