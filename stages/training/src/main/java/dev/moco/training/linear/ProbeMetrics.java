package dev.moco.training.linear;

import dev.moco.contract.StageResult;
import dev.moco.training.progress.MetricAverage;
import dev.moco.training.progress.Metrics;
import java.util.Objects;

/**
 * Metrics of a linear probe so far; part of a checkpoint.
 *
 * @param epoch training metrics since the epoch began
 * @param best validation metrics of the epoch with the best top-1, the earliest of equals
 * @param bestEpoch 0-based number of that epoch; -1 before the first
 * @param last validation metrics of the newest epoch
 */
record ProbeMetrics(MetricAverage epoch, Metrics best, int bestEpoch, Metrics last) {
    static final ProbeMetrics START =
            new ProbeMetrics(MetricAverage.NONE, new Metrics(0, 0, 0), -1, new Metrics(0, 0, 0));

    ProbeMetrics {
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(best, "best");
        Objects.requireNonNull(last, "last");
    }

    ProbeMetrics withNewEpoch() {
        return new ProbeMetrics(MetricAverage.NONE, best, bestEpoch, last);
    }

    ProbeMetrics withStep(Metrics metrics, int images) {
        return new ProbeMetrics(epoch.plus(metrics, images), best, bestEpoch, last);
    }

    ProbeMetrics withValidation(int number, Metrics metrics) {
        boolean better = bestEpoch < 0 || metrics.top1() > best.top1();
        return new ProbeMetrics(epoch, better ? metrics : best, better ? number : bestEpoch, metrics);
    }

    StageResult.Classified result() {
        return new StageResult.Classified(
                best.top1(),
                best.top5(),
                bestEpoch,
                last.top1(),
                last.top5(),
                epoch.mean().loss());
    }
}
