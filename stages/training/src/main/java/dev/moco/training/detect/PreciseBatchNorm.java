package dev.moco.training.detect;

/**
 * Statistics of a norm over many batches, in place of the running ones: the last iterations' weights were not those
 * of the first batches in a running mean. Arrays hold a channel an element.
 */
final class PreciseBatchNorm {
    private final double[] sums;
    private int batches;

    /** @param length means and variances of all channels of all norms */
    PreciseBatchNorm(int length) {
        this.sums = new double[length];
    }

    /** Adds the statistics of a batch. */
    void add(float[] statistics) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += statistics[i];
        }
        batches++;
    }

    /**
     * Plain means of the batches' means and variances: fvcore of March 2020, which the paper used. Later fvcore
     * estimates the population's, {@link #population}; vector 29 tells them apart.
     */
    double[] simpleMeans() {
        double[] means = new double[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = sums[i] / batches;
        }
        return means;
    }

    /** Mean and variance of a channel over a population. */
    record Moments(double mean, double variance) {}

    /**
     * The population's moments from those of its batches.
     *
     * @param means mean of each batch
     * @param unbiasedVariances variance of each batch, with n - 1
     * @param sizes images x height x width of each batch
     */
    static Moments population(double[] means, double[] unbiasedVariances, long[] sizes) {
        double count = 0;
        double sum = 0;
        double squares = 0;
        for (int batch = 0; batch < sizes.length; batch++) {
            double size = sizes[batch];
            double biased = unbiasedVariances[batch] * (size - 1) / size;
            count += size;
            sum += size * means[batch];
            squares += size * (biased + means[batch] * means[batch]);
        }
        double mean = sum / count;
        return new Moments(mean, squares / count - mean * mean);
    }
}
