package dev.moco.training.data.loader;

import java.nio.ByteBuffer;

/**
 * One view of each image of a batch. Closing it lends its buffer to a later batch; it must not be read after.
 *
 * @param images batch x size x size x 3 bytes, direct
 * @param labels class indices
 * @param indices positions in the image set
 * @param recycle what closing does
 */
@SuppressWarnings("ArrayRecordComponent") // filled in by the loader's threads
public record LabeledBatch(ByteBuffer images, int[] labels, int[] indices, Runnable recycle) implements AutoCloseable {
    /** Images in the batch. */
    public int size() {
        return labels.length;
    }

    @Override
    public void close() {
        recycle.run();
    }
}
