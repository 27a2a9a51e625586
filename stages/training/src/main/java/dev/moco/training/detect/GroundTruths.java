package dev.moco.training.detect;

/**
 * True objects of a training image, in the pixels of the resized image.
 *
 * @param boxes their boxes
 * @param classes their classes
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention; a handful an image
record GroundTruths(Boxes boxes, int[] classes) {
    GroundTruths {
        if (boxes.size() != classes.length) {
            throw new IllegalArgumentException(boxes.size() + " boxes cannot have " + classes.length + " classes");
        }
    }
}
