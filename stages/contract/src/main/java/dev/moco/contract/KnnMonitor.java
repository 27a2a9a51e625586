package dev.moco.contract;

/**
 * Weighted k-nearest-neighbor classifier on the pooled, L2-normalized features: before the first epoch, every
 * {@code everyEpochs} epochs and after the last. It changes no weight, so it is not part of the key of pre-training.
 *
 * @param everyEpochs 0 turns the monitor off
 * @param neighbors votes a query
 * @param temperature the weight of a vote is exp(similarity / temperature)
 * @param bankImages training images in the bank, the first of the shuffled data set; 0 takes all
 */
public record KnnMonitor(int everyEpochs, int neighbors, double temperature, int bankImages) {
    public static final KnnMonitor OFF = new KnnMonitor(0, 1, 0.1, 0);

    /** Whether the monitor runs at all. */
    public boolean enabled() {
        return everyEpochs > 0;
    }
}
