package dev.moco.training.data.loader;

import java.nio.ByteBuffer;

/**
 * Two views of each image of a batch. Closing it lends its buffers to a later batch; they must not be read after.
 *
 * @param query batch x size x size x 3 bytes, direct
 * @param key likewise, in the same order of images
 * @param labels classes, which the method itself never looks at
 * @param indices positions in the image set
 * @param recycle what closing does
 */
@SuppressWarnings("ArrayRecordComponent") // filled in by the loader's threads
public record ViewBatch(ByteBuffer query, ByteBuffer key, int[] labels, int[] indices, Runnable recycle)
        implements AutoCloseable {
    /** Images in the batch. */
    public int size() {
        return labels.length;
    }

    @Override
    public void close() {
        recycle.run();
    }
}
