package dev.moco.training.data.loader;

import java.nio.ByteBuffer;

/**
 * One view of each image of a batch, or of a part of it. Closing it releases its buffer to a later batch; it must not be read
 * afterwards.
 *
 * @param images views x size x size x 3 bytes, direct
 * @param views number of views: those of the loader's part of the batch
 * @param labels class indices of the whole batch
 * @param indices positions of the whole batch in the image set
 * @param release run by {@link #close}
 */
@SuppressWarnings("ArrayRecordComponent") // filled in by the loader's threads
public record LabeledBatch(ByteBuffer images, int views, int[] labels, int[] indices, Runnable release)
        implements AutoCloseable {
    /** Number of images of the whole batch. */
    public int size() {
        return labels.length;
    }

    @Override
    public void close() {
        release.run();
    }
}
