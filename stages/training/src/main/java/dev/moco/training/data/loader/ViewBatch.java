package dev.moco.training.data.loader;

import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.ViewParameters;
import java.nio.ByteBuffer;

/**
 * Two views of each image of a batch, or the crops or images from which a device makes them. Closing it releases its
 * buffers to a later batch; they must not be read afterwards.
 *
 * @param query the first view of each image
 * @param key the second, in the same order of images; none if each image has one
 * @param images decoded images if the device makes the crops, else empty
 * @param labels class indices, which supervised training alone uses
 * @param indices positions in the image set
 * @param release run by {@link #close}
 */
@SuppressWarnings("ArrayRecordComponent") // filled in by the loader's threads
public record ViewBatch(Views query, Views key, RgbImage[] images, int[] labels, int[] indices, Runnable release)
        implements AutoCloseable {
    /**
     * One view of each image.
     *
     * @param pixels views or crops, batch x size x size x 3 bytes, direct; empty if the device makes the crops
     * @param draws random parameters of each view
     */
    @SuppressWarnings("ArrayRecordComponent") // filled in by the loader's threads
    public record Views(ByteBuffer pixels, ViewParameters[] draws) {
        /** Views of a batch that has one of each image. */
        static final Views NONE = new Views(ByteBuffer.allocateDirect(0), new ViewParameters[0]);
    }

    /** True if each image has a second view. */
    public boolean hasKeys() {
        return key.draws().length > 0;
    }

    /** Number of images. */
    public int size() {
        return labels.length;
    }

    @Override
    public void close() {
        release.run();
    }
}
