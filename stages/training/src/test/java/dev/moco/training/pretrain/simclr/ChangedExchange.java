package dev.moco.training.pretrain.simclr;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.training.engine.RankExchange;

/**
 * An exchange with a mistake of other programs.
 *
 * @param norms what batch norms exchange
 * @param lossFactor factor of the gradient of the outputs
 */
record ChangedExchange(RankExchange exchange, Norms norms, double lossFactor) implements RankExchange {
    /** Batch norms gather moments, 1 x 3 x C, in the forward pass, and sum 2 x C in the backward pass. */
    private enum Norms {
        OF_THE_BATCH,
        OF_EACH_PROCESS,
        CONSTANT_IN_THE_BACKWARD_PASS
    }

    /** Scales the gradient of the outputs, as a factor of the loss would. */
    static RankExchange withLossFactor(RankExchange exchange, double factor) {
        return new ChangedExchange(exchange, Norms.OF_THE_BATCH, factor);
    }

    /** Each process normalizes by the statistics of its own part. */
    static RankExchange withStatisticsOfEachProcess(RankExchange exchange) {
        return new ChangedExchange(exchange, Norms.OF_EACH_PROCESS, 1);
    }

    /** The backward pass takes the statistics as constants. */
    static RankExchange withConstantStatistics(RankExchange exchange) {
        return new ChangedExchange(exchange, Norms.CONSTANT_IN_THE_BACKWARD_PASS, 1);
    }

    @Override
    public int processes() {
        return exchange.processes();
    }

    @Override
    public int process() {
        return exchange.process();
    }

    @Override
    public NDArray gather(NDManager scope, NDArray own) {
        boolean ofNorm = own.getShape().dimension() == 3;
        return ofNorm && norms == Norms.OF_EACH_PROCESS ? own : exchange.gather(scope, own);
    }

    @Override
    public NDArray scatterSum(NDManager scope, NDArray all) {
        return exchange.scatterSum(scope, all).mul(lossFactor);
    }

    @Override
    public void sum(NDArray array) {
        boolean ofNorm = array.getShape().dimension() == 2;
        if (!ofNorm || norms != Norms.OF_EACH_PROCESS) {
            exchange.sum(array);
        }
        if (ofNorm && norms == Norms.CONSTANT_IN_THE_BACKWARD_PASS) {
            array.muli(0);
        }
    }
}
