package dev.moco.training.detect.boxes;

/**
 * Assigns boxes to true objects by IoU.
 *
 * @param negativeBelow IoU below which a box is background
 * @param positiveFrom IoU from which a box is an object; in between it is ignored
 * @param lowQuality whether each object also takes the boxes that have its best IoU, however low: no object without one
 */
public record Matcher(double negativeBelow, double positiveFrom, boolean lowQuality) {
    static final Matcher PROPOSALS = new Matcher(.3, .7, true);
    static final Matcher REGIONS = new Matcher(.5, .5, false);

    public static final int POSITIVE = 1;
    public static final int NEGATIVE = 0;
    public static final int IGNORED = -1;

    /**
     * What each box was assigned.
     *
     * @param objects index of the object with the best IoU, whatever the label; 0 if there is no object
     * @param labels {@link #POSITIVE}, {@link #NEGATIVE} or {@link #IGNORED}
     */
    @SuppressWarnings("ArrayRecordComponent") // one a box, tens of thousands a step
    record Matches(int[] objects, int[] labels) {}

    Matches match(Boxes objects, Boxes boxes) {
        int[] matched = new int[boxes.size()];
        int[] labels = new int[boxes.size()];
        double[] bestOfObject = new double[objects.size()];
        for (int box = 0; box < boxes.size(); box++) {
            double best = 0;
            for (int object = 0; object < objects.size(); object++) {
                double iou = objects.iou(object, boxes, box);
                bestOfObject[object] = Math.max(bestOfObject[object], iou);
                if (iou > best) {
                    best = iou;
                    matched[box] = object;
                }
            }
            labels[box] = label(best);
        }
        if (lowQuality && boxes.size() > 0) {
            addLowQuality(objects, boxes, bestOfObject, labels);
        }
        return new Matches(matched, labels);
    }

    private int label(double iou) {
        return iou >= positiveFrom ? POSITIVE : iou >= negativeBelow ? IGNORED : NEGATIVE;
    }

    private static void addLowQuality(Boxes objects, Boxes boxes, double[] bestOfObject, int[] labels) {
        for (int object = 0; object < objects.size(); object++) {
            if (bestOfObject[object] == 0) {
                // Its best IoU is 0, so every box "has" it: detectron2 makes all of them positive; an object that
                // nothing touches (less than a pixel, or outside the anchors) would turn the image into foreground.
                continue;
            }
            for (int box = 0; box < boxes.size(); box++) {
                if (objects.iou(object, boxes, box) == bestOfObject[object]) {
                    labels[box] = POSITIVE;
                }
            }
        }
    }
}
