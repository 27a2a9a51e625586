package dev.moco.training.progress;

import dev.moco.contract.StageFailure;

/** Ends a stage at once when its loss is not finite, since a retry would not help. */
public final class FiniteLoss {
    private FiniteLoss() {}

    /**
     * Fails unless a step's loss is finite.
     *
     * @param field name of the learning rate in the experiment
     * @param epoch 0-based
     * @param step 0-based, of all epochs
     */
    public static void require(String field, double loss, double learningRate, int epoch, int epochs, long step) {
        if (!Double.isFinite(loss)) {
            throw StageFailure.badConfig("epoch " + (epoch + 1) + " of " + epochs + ", step " + (step + 1)
                    + ": the loss is " + loss + " with learning rate " + learningRate + "; a lower " + field
                    + " may help");
        }
    }
}
