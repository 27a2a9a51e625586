package dev.moco.training.detect.boxes;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Boxes (x1, y1, x2, y2) in continuous pixel coordinates from 0. A width is x2 - x1; only the VOC evaluator adds 1.
 */
public final class Boxes {
    private final double[] corners;

    /** @param corners four numbers for each box; not copied */
    public Boxes(double... corners) {
        if (corners.length % 4 != 0) {
            throw new IllegalArgumentException("a box has 4 coordinates, found " + corners.length + " numbers");
        }
        this.corners = corners;
    }

    public int size() {
        return corners.length / 4;
    }

    public double x1(int box) {
        return corners[4 * box];
    }

    public double y1(int box) {
        return corners[4 * box + 1];
    }

    public double x2(int box) {
        return corners[4 * box + 2];
    }

    public double y2(int box) {
        return corners[4 * box + 3];
    }

    double width(int box) {
        return x2(box) - x1(box);
    }

    double height(int box) {
        return y2(box) - y1(box);
    }

    double area(int box) {
        return width(box) * height(box);
    }

    /** Indices of the boxes that have an area; a box with a NaN coordinate has none. */
    public int[] nonEmpty() {
        return IntStream.range(0, size())
                .filter(box -> width(box) > 0 && height(box) > 0)
                .toArray();
    }

    /** Intersection over union (IoU) of two boxes; 0 if they do not overlap or if one is empty. */
    public double iou(int box, Boxes others, int other) {
        double width = Math.min(x2(box), others.x2(other)) - Math.max(x1(box), others.x1(other));
        if (width <= 0) {
            return 0;
        }
        double height = Math.min(y2(box), others.y2(other)) - Math.max(y1(box), others.y1(other));
        if (height <= 0) {
            return 0;
        }
        double intersection = width * height;
        return intersection / (area(box) + others.area(other) - intersection);
    }

    /** Boxes clipped to an image of this size. */
    public Boxes clip(double width, double height) {
        double[] clipped = new double[corners.length];
        for (int i = 0; i < corners.length; i++) {
            clipped[i] = Math.min(Math.max(corners[i], 0), i % 2 == 0 ? width : height);
        }
        return new Boxes(clipped);
    }

    /** Boxes in the mirrored image of this width. */
    public Boxes mirror(double width) {
        double[] mirrored = corners.clone();
        for (int box = 0; box < size(); box++) {
            mirrored[4 * box] = width - x2(box);
            mirrored[4 * box + 2] = width - x1(box);
        }
        return new Boxes(mirrored);
    }

    public Boxes scale(double x, double y) {
        double[] scaled = new double[corners.length];
        for (int i = 0; i < corners.length; i++) {
            scaled[i] = corners[i] * (i % 2 == 0 ? x : y);
        }
        return new Boxes(scaled);
    }

    public Boxes select(int... indices) {
        double[] selected = new double[4 * indices.length];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(corners, 4 * indices[i], selected, 4 * i, 4);
        }
        return new Boxes(selected);
    }

    Boxes append(Boxes others) {
        double[] both = Arrays.copyOf(corners, corners.length + others.corners.length);
        System.arraycopy(others.corners, 0, both, corners.length, others.corners.length);
        return new Boxes(both);
    }

    @Override
    public String toString() {
        return Arrays.toString(corners);
    }
}
