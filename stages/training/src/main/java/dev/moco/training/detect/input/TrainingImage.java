package dev.moco.training.detect.input;

import dev.moco.training.data.RgbImage;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.Instances;

/**
 * A training image, resized and perhaps flipped, and its objects.
 *
 * @param pixels the image
 * @param objects boxes of its objects in its pixels; at least one
 * @param classes their classes
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention; a handful an image
public record TrainingImage(RgbImage pixels, Boxes objects, int[] classes) {
    public Instances instances() {
        return new Instances(pixels.width(), pixels.height(), objects, classes);
    }
}
