package dev.moco.training.engine;

/**
 * SimCLR's schedule (google-research/simclr, model_util.py): the rate of each step rises in a line from 0 to the peak, then
 * falls to 0 by half a cosine. Without warm-up it begins at the peak.
 *
 * @param peak rate at the end of the warm-up
 * @param warmupSteps steps below the peak; 0 for none
 * @param totalSteps steps after which the rate is 0
 */
public record WarmupCosine(double peak, long warmupSteps, long totalSteps) {
    /**
     * Schedule of a number of epochs.
     *
     * @param images images of an epoch
     * @param warmupEpochs epochs of the warm-up
     */
    public static WarmupCosine of(double peak, long images, int batchSize, int epochs, int warmupEpochs) {
        return new WarmupCosine(peak, warmupEpochs * images / batchSize, epochs * images / batchSize + 1);
    }

    /**
     * Returns the learning rate of a step.
     *
     * @param step 0-based, so that the first step of a warm-up has rate 0
     */
    public double learningRate(long step) {
        if (step < warmupSteps) {
            return peak * step / warmupSteps;
        }
        double done = (double) (step - warmupSteps) / (totalSteps - warmupSteps);
        return peak * (1 + Math.cos(Math.PI * done)) / 2;
    }
}
