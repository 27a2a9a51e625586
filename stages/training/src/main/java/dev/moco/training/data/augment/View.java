package dev.moco.training.data.augment;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;

/** Makes square views of images; safe for many threads. */
public interface View {
    /** Side of a view in pixels. */
    int size();

    /**
     * Makes one view.
     *
     * @param target size x size x 3 bytes, written
     */
    void write(RgbImage image, CounterRandom random, byte[] target);
}
