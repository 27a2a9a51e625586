package dev.moco.training.data.loader;

import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.ViewDraw;
import java.nio.ByteBuffer;

/**
 * Two views of each image of a batch, or what a device is to make them of. Closing it lends its buffers to a later batch;
 * they must not be read after.
 *
 * @param query the first view of each image
 * @param key the second, in the same order of images
 * @param images as decoded if their crops are left to the device, else none
 * @param labels classes, which the method itself never looks at
 * @param indices positions in the image set
 * @param recycle what closing does
 */
@SuppressWarnings("ArrayRecordComponent") // filled in by the loader's threads
public record ViewBatch(Views query, Views key, RgbImage[] images, int[] labels, int[] indices, Runnable recycle)
        implements AutoCloseable {
    /**
     * A view of each image.
     *
     * @param pixels batch x size x size x 3 bytes, direct: views or crops; empty if crops are left to the device
     * @param draws what was drawn for each
     */
    @SuppressWarnings("ArrayRecordComponent") // filled in by the loader's threads
    public record Views(ByteBuffer pixels, ViewDraw[] draws) {}

    /** Images in the batch. */
    public int size() {
        return labels.length;
    }

    @Override
    public void close() {
        recycle.run();
    }
}
