package dev.moco.training.data.loader;

import java.nio.ByteBuffer;

/**
 * One view of each image of a batch. Closing it releases its buffer to a later batch; it must not be read afterwards.
 *
 * @param images batch x size x size x 3 bytes, direct
 * @param labels class indices
 * @param indices positions in the image set
 * @param release run by {@link #close}
 */
@SuppressWarnings("ArrayRecordComponent") // filled in by the loader's threads
public record LabeledBatch(ByteBuffer images, int[] labels, int[] indices, Runnable release) implements AutoCloseable {
    /** Number of images. */
    public int size() {
        return labels.length;
    }

    @Override
    public void close() {
        release.run();
    }
}
