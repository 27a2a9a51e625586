package dev.moco.training.detect;

/**
 * Computes batch norm statistics over many batches with the final weights (PreciseBN). Running statistics still include
 * batches that earlier weights have seen.
 */
final class PreciseBatchNorm {
    private final double[] sums;
    private int batches;

    /** @param length number of means and variances of all channels of all batch norms */
    PreciseBatchNorm(int length) {
        this.sums = new double[length];
    }

    /** Adds the means and variances of a batch. */
    void add(float[] statistics) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += statistics[i];
        }
        batches++;
    }

    /**
     * Averages the means and the variances of the batches, like fvcore of March 2020, which the paper used. Later releases
     * estimate the variance of all batches together instead.
     */
    double[] means() {
        double[] means = new double[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = sums[i] / batches;
        }
        return means;
    }
}
