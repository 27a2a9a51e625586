package dev.moco.training.data;

import java.util.List;

/**
 * What the index says of an image.
 *
 * @param id name in the source, such as {@code n01440764/n01440764_10026.JPEG} or {@code 2007_000027}
 * @param width columns, after EXIF orientation where the recipe respects it
 * @param height rows, likewise
 * @param label class index; -1 in detection sets
 * @param objects objects at known boxes; empty in classification sets
 */
public record Sample(String id, int width, int height, int label, List<GroundTruth> objects) {
    public Sample {
        objects = List.copyOf(objects);
    }

    /**
     * An object of a detection set, its box in continuous pixels from 0: an annotation's (xmin - 1, ymin - 1, xmax,
     * ymax) (docs/method.md §3.4).
     */
    public record GroundTruth(int label, double x1, double y1, double x2, double y2, boolean difficult) {}
}
