package dev.moco.training.detect.boxes;

import java.util.Arrays;

/**
 * The boxes that non-maximum suppression has kept so far, by the place of their centers: of thousands of boxes only few can
 * overlap a candidate enough.
 *
 * <p>Let a box have an IoU above t with a candidate of width w. The intersection is then at least t times as wide as either,
 * so the box is at most w / t wide, and its center is at most (1 - t) w / t away; likewise for heights.
 */
final class KeptBoxes {
    /** Cells of the image along each axis. */
    private static final int CELLS = 64;
    /** With a lower threshold, a box can suppress another one from any distance. */
    private static final double LEAST_THRESHOLD = 0.1;
    /** Covers the rounding of distances. */
    private static final double MARGIN = 1 + 1e-9;

    private final Boxes boxes;
    private final int[] classes;
    private final double threshold;
    private final Axis horizontal;
    private final Axis vertical;
    /** First box of each cell, and the next one of the same cell after each; -1 for none. */
    private final int[] first = new int[CELLS * CELLS];

    private final int[] next;

    /** Starts without a box. */
    KeptBoxes(Boxes boxes, int[] classes, double threshold) {
        this.boxes = boxes;
        this.classes = classes;
        this.threshold = threshold;
        this.next = new int[boxes.size()];
        boolean near = threshold >= LEAST_THRESHOLD;
        double reach = near ? (1 - threshold) / threshold * MARGIN : Double.POSITIVE_INFINITY;
        double[] low = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
        double[] high = {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY};
        for (int box = 0; box < boxes.size(); box++) {
            low[0] = Math.min(low[0], boxes.x1(box));
            low[1] = Math.min(low[1], boxes.y1(box));
            high[0] = Math.max(high[0], boxes.x2(box));
            high[1] = Math.max(high[1], boxes.y2(box));
        }
        this.horizontal = Axis.between(low[0], high[0], reach);
        this.vertical = Axis.between(low[1], high[1], reach);
        Arrays.fill(first, -1);
    }

    /** Centers along an axis of the image, in cells; a center that is no number is in the first. */
    private record Axis(double low, double perCell, double reach) {
        static Axis between(double low, double high, double reach) {
            return new Axis(low, (high - low) / CELLS, reach);
        }

        private static int bounded(double cell) {
            return (int) Math.min(CELLS - 1, Math.max(0, cell));
        }

        int cell(double from, double to) {
            return bounded(Math.floor(((from + to) / 2 - low) / perCell));
        }

        /** First cell with centers that are near enough to the box's; one more for rounding. */
        int start(double from, double to) {
            return bounded(Math.floor(((from + to) / 2 - reach * (to - from) - low) / perCell) - 1);
        }

        int end(double from, double to) {
            return bounded(Math.floor(((from + to) / 2 + reach * (to - from) - low) / perCell) + 1);
        }
    }

    void add(int box) {
        int cell = vertical.cell(boxes.y1(box), boxes.y2(box)) * CELLS + horizontal.cell(boxes.x1(box), boxes.x2(box));
        next[box] = first[cell];
        first[cell] = box;
    }

    /** Returns whether a kept box of the same class has an IoU above the threshold with a box. */
    boolean suppress(int box) {
        int left = horizontal.start(boxes.x1(box), boxes.x2(box));
        int right = horizontal.end(boxes.x1(box), boxes.x2(box));
        int bottom = vertical.end(boxes.y1(box), boxes.y2(box));
        for (int row = vertical.start(boxes.y1(box), boxes.y2(box)); row <= bottom; row++) {
            for (int cell = row * CELLS + left; cell <= row * CELLS + right; cell++) {
                for (int kept = first[cell]; kept >= 0; kept = next[kept]) {
                    if (classes[kept] == classes[box] && boxes.iou(kept, boxes, box) > threshold) {
                        return true;
                    }
                }
            }
        }
        return false;
    }
}
