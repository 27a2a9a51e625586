package dev.moco.training.data;

import java.util.List;

/**
 * Index entry of an image.
 *
 * @param id name in the source, such as {@code n01440764/n01440764_10026.JPEG} or {@code 2007_000027}
 * @param width columns; in detection sets, after the EXIF orientation is applied
 * @param height rows, likewise
 * @param label class index; -1 in detection sets and without classes
 * @param objects annotated objects; empty in classification sets
 */
public record Sample(String id, int width, int height, int label, List<GroundTruth> objects) {
    public Sample {
        objects = List.copyOf(objects);
    }

    /**
     * Annotated object of a detection set. Its box is in continuous pixels from 0: (xmin - 1, ymin - 1, xmax, ymax) of
     * the VOC annotation (docs/method.md §3.4).
     */
    public record GroundTruth(int label, double x1, double y1, double x2, double y2, boolean difficult) {}
}
