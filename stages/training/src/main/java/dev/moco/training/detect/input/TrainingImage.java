package dev.moco.training.detect.input;

import dev.moco.training.data.RgbImage;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.Instances;

/**
 * A training image, resized and possibly mirrored, with its objects.
 *
 * @param pixels the image
 * @param objects boxes of the objects, in pixels of the resized image
 * @param classes class of each object
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention; a handful of numbers
public record TrainingImage(RgbImage pixels, Boxes objects, int[] classes) {
    public Instances instances() {
        return new Instances(pixels.width(), pixels.height(), objects, classes);
    }
}
