package dev.moco.training.detect.boxes;

/**
 * Ground truth of a training image, after resizing and mirroring; detectron2's class of this name.
 *
 * @param width columns of the image, without padding
 * @param height rows, likewise
 * @param boxes boxes of its objects
 * @param classes their classes
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention; a handful of numbers for each image
public record Instances(int width, int height, Boxes boxes, int[] classes) {
    public Instances {
        if (boxes.size() != classes.length) {
            throw new IllegalArgumentException(boxes.size() + " boxes cannot have " + classes.length + " classes");
        }
    }
}
