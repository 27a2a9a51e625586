package dev.moco.training.pretrain.simclr;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import java.util.List;

/**
 * Collectives with a mistake of other programs.
 *
 * @param norms what batch norms exchange
 * @param lossFactor factor of the gradient of the outputs
 */
record ChangedCollectives(Collectives collectives, Norms norms, double lossFactor) implements Collectives {
    /** Batch norms gather moments, P x 3 x C, in the forward pass, and sum 2 x C in the backward pass. */
    private enum Norms {
        OF_THE_BATCH,
        OF_EACH_PROCESS,
        CONSTANT_IN_THE_BACKWARD_PASS
    }

    /** Scales the gradient of the outputs, as a factor of the loss would. */
    static Collectives withLossFactor(Collectives collectives, double factor) {
        return new ChangedCollectives(collectives, Norms.OF_THE_BATCH, factor);
    }

    /** Each process normalizes by the statistics of its own part. */
    static Collectives withStatisticsOfEachProcess(Collectives collectives) {
        return new ChangedCollectives(collectives, Norms.OF_EACH_PROCESS, 1);
    }

    /** The backward pass takes the statistics as constants. */
    static Collectives withConstantStatistics(Collectives collectives) {
        return new ChangedCollectives(collectives, Norms.CONSTANT_IN_THE_BACKWARD_PASS, 1);
    }

    @Override
    public World world() {
        return collectives.world();
    }

    @Override
    public NDArray allGather(NDManager scope, NDArray own) {
        boolean ofNorm = own.getShape().dimension() == 3;
        return ofNorm && norms == Norms.OF_EACH_PROCESS ? own : collectives.allGather(scope, own);
    }

    @Override
    public void sumInOrder(List<NDArray> ofOwnRanks, NDArray sum) {
        boolean ofNorm = sum.getShape().dimension() == 2 && sum.getShape().get(0) == 2;
        (ofNorm && norms == Norms.OF_EACH_PROCESS ? Collectives.ALONE : collectives).sumInOrder(ofOwnRanks, sum);
        if (ofNorm && norms == Norms.CONSTANT_IN_THE_BACKWARD_PASS) {
            sum.muli(0);
        }
    }

    @Override
    public NDArray reduceScatter(NDManager scope, List<NDArray> ofOwnRanks) {
        return collectives.reduceScatter(scope, ofOwnRanks).mul(lossFactor);
    }

    @Override
    public void broadcast(NDArray array, int root) {
        collectives.broadcast(array, root);
    }

    @Override
    public double[][] agree(double... mine) {
        return collectives.agree(mine);
    }

    @Override
    public void close() {}
}
