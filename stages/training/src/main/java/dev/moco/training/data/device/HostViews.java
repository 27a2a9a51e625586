package dev.moco.training.data.device;

import ai.djl.ndarray.NDManager;
import dev.moco.training.data.loader.ViewBatch;

/**
 * Uploads the views that the loader has made.
 *
 * @param size side in pixels
 */
record HostViews(int size) implements BatchViews {
    @Override
    public Pair of(NDManager scope, ViewBatch batch) {
        return new Pair(
                BatchViews.upload(scope, batch.query().pixels(), batch.size(), size, size, 3),
                BatchViews.upload(scope, batch.key().pixels(), batch.size(), size, size, 3));
    }

    @Override
    public void close() {}
}
