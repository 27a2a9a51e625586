package dev.moco.training.data.loader;

import dev.moco.contract.PretrainConfig;

/**
 * Batches of an epoch of pre-training.
 *
 * @param size images of a batch, all ranks together
 * @param multiple the last batch of an epoch, where it is not full, is filled up to a multiple of this number with the first
 *     images of the epoch, as torch's DistributedSampler does; 0 if it is left out
 * @param bothViews false if each image has one view
 */
public record BatchRule(int size, int multiple, boolean bothViews) {
    /** Full batches with two views of each image. */
    public static BatchRule full(int size) {
        return new BatchRule(size, 0, true);
    }

    /** Batches of a run. */
    public static BatchRule of(PretrainConfig config) {
        return new BatchRule(
                config.batchSize(),
                config.method().dropsLastBatch() ? 0 : config.ranks(),
                config.method().views() > 1);
    }

    /** Batches of an epoch. */
    int batches(int images) {
        return multiple == 0 ? images / size : (images + size - 1) / size;
    }

    /** Images of a batch of the epoch. */
    public int size(int batch, int images) {
        int left = images - batch * size;
        return left >= size ? size : (left + multiple - 1) / multiple * multiple;
    }
}
