package dev.moco.training.detect;

import dev.moco.training.data.RgbImage;

/**
 * A training image, resized and perhaps flipped, and its objects.
 *
 * @param pixels the image
 * @param objects boxes of its objects in its pixels; at least one
 * @param classes their classes
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention; a handful an image
record TrainingImage(RgbImage pixels, Boxes objects, int[] classes) {
    TrainingImage {
        if (objects.size() != classes.length) {
            throw new IllegalArgumentException(objects.size() + " boxes cannot have " + classes.length + " classes");
        }
    }
}
