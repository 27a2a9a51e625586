package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.training.engine.RankExchange;
import dev.moco.training.progress.Metrics;

/** Metrics of a step over all processes. */
public final class StepMetrics {
    private StepMetrics() {}

    /**
     * Means over the processes, which have equal parts of the batch.
     *
     * @param own this process's loss, and top-1 and top-5 accuracy as shares
     */
    public static Metrics mean(NDManager scope, NDArray own, RankExchange exchange) {
        NDArray sum = own.duplicate();
        sum.attach(scope);
        exchange.sum(sum);
        Number[] values = sum.toArray();
        double processes = exchange.processes();
        return new Metrics(
                values[0].doubleValue() / processes,
                100 * values[1].doubleValue() / processes,
                100 * values[2].doubleValue() / processes);
    }
}
