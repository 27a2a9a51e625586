package dev.moco.contract;

/**
 * Weighted k-nearest-neighbor classifier on the pooled, L2-normalized features. It runs before the first epoch, every
 * {@code everyEpochs} epochs and after the last. It changes no weights, so it is not part of the key of pre-training.
 *
 * @param everyEpochs epochs between two runs; 0 disables the monitor
 * @param neighbors nearest neighbors that vote on the class of an image
 * @param temperature the weight of a vote is exp(similarity / temperature)
 * @param bankImages number of training images in the bank, the first of the shuffled data set; 0 for all
 */
public record KnnMonitor(int everyEpochs, int neighbors, double temperature, int bankImages) {
    public static final KnnMonitor OFF = new KnnMonitor(0, 1, 0.1, 0);

    /** Number of images in the bank of a monitor of so many training images; 0 if it is disabled. */
    public long bank(long trainImages) {
        return !enabled() ? 0 : bankImages == 0 ? trainImages : Math.min(bankImages, trainImages);
    }

    /** Returns whether the monitor runs. */
    public boolean enabled() {
        return everyEpochs > 0;
    }
}
