package dev.moco.operator.init;

/**
 * Sizes of pre-training and of linear classification that fit a data set; the paper's for one of its size.
 *
 * @param epochs passes over the images in pre-training
 * @param arch backbone
 * @param imageSize side of a view in pixels
 * @param batchSize images in a step
 * @param ranks slices of the batch, of 32 images each where it has as many
 * @param queueSize negative keys, at most half of the training images
 * @param learningRate of pre-training, in proportion to the batch
 * @param keyMomentum of the key encoder: lower where there are few steps
 * @param linearEpochs of linear classification
 * @param linearBatchSize of linear classification
 * @param neighbors of the kNN monitor
 */
record FittingSizes(
        int epochs,
        String arch,
        int imageSize,
        int batchSize,
        int ranks,
        int queueSize,
        double learningRate,
        double keyMomentum,
        int linearEpochs,
        int linearBatchSize,
        int neighbors) {
    /** Fewest images that an experiment is made for. */
    static final int LEAST = 16;

    private static final int PAPER_BATCH = 256;
    private static final int PAPER_QUEUE = 65_536;
    private static final int RANK_IMAGES = 32;
    /** From so many images on the backbone and the linear epochs are the paper's. */
    private static final long MANY = 100_000;
    /** Below so many steps a key encoder of momentum 0.999 would stay near its random start. */
    private static final long FEW_STEPS = 50_000;

    /**
     * Sizes for a number of training images.
     *
     * @param images number of training images, at least {@link #LEAST}
     * @param classes number of classes; 0 without
     * @param side median of the images' shorter sides in pixels
     * @param epochs passes over the images in pre-training
     */
    static FittingSizes of(long images, int classes, int side, int epochs) {
        int imageSize = side <= 40 ? 32 : side <= 80 ? 64 : side <= 160 ? 96 : 224;
        int batch = (int) Math.min(PAPER_BATCH, Math.max(4, Long.highestOneBit(images / 8)));
        int queue = (int) Math.min(PAPER_QUEUE, Math.max(batch, Long.highestOneBit(images / 2)));
        boolean many = images >= MANY;
        return new FittingSizes(
                epochs,
                many && imageSize == 224 ? "resnet50" : "resnet18",
                imageSize,
                batch,
                Math.max(1, batch / RANK_IMAGES),
                queue,
                0.03 * batch / PAPER_BATCH,
                epochs * images / batch < FEW_STEPS ? 0.99 : 0.999,
                many ? 100 : 30,
                batch,
                (int) Math.min(200, Math.max(1, images / Math.max(1, classes) / 2)));
    }
}
