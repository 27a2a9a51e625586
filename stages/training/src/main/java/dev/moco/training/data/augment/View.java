package dev.moco.training.data.augment;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;

/** Makes square views of images; thread-safe. */
public interface View {
    /** Side of a view in pixels. */
    int size();

    /**
     * Makes one view.
     *
     * @param target receives the view, size x size x 3 bytes
     */
    void write(RgbImage image, CounterRandom random, byte[] target);
}
