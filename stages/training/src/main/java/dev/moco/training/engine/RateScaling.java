package dev.moco.training.engine;

/** Rule by which a learning rate follows from the batch size. */
public enum RateScaling {
    /** In proportion to the batch; the base rate is that of 256 images. */
    LINEAR,
    /** In proportion to the root of the batch; the base rate is that of one image. */
    SQUARE_ROOT;

    /** Returns the rate of a batch. */
    public double rate(double base, int batchSize) {
        return switch (this) {
            case LINEAR -> base * batchSize / 256;
            case SQUARE_ROOT -> base * Math.sqrt(batchSize);
        };
    }
}
