package dev.moco.training.data.device;

import ai.djl.ndarray.NDArray;
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
        NDArray query = upload(scope, batch.query(), batch.size());
        return new Pair(query, batch.hasKeys() ? upload(scope, batch.key(), batch.size()) : query);
    }

    private NDArray upload(NDManager scope, ViewBatch.Views views, int count) {
        return BatchViews.upload(scope, views.pixels(), count, size, size, 3);
    }

    @Override
    public void close() {}
}
