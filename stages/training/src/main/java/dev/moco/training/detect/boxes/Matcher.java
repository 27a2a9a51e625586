package dev.moco.training.detect.boxes;

/**
 * Matches anchors or proposals to ground-truth objects by IoU.
 *
 * @param negativeBelow a box with a lower IoU is background
 * @param positiveFrom a box with at least this IoU is an object; a box between the two thresholds is ignored
 * @param lowQualityMatches true if each object is also matched to the boxes that have the highest IoU with it, even
 *     below the threshold, so that no object is left without a match
 */
public record Matcher(double negativeBelow, double positiveFrom, boolean lowQualityMatches) {
    static final Matcher PROPOSALS = new Matcher(.3, .7, true);
    static final Matcher REGIONS = new Matcher(.5, .5, false);

    /** Label of a box on an object. */
    public static final int POSITIVE = 1;
    /** Label of a box on background. */
    public static final int NEGATIVE = 0;
    /** Label of a box between the two thresholds, which contributes to no loss. */
    public static final int IGNORED = -1;

    /**
     * Assignment of each box.
     *
     * @param objects index of the object with the highest IoU, even for boxes on background; 0 if there is no object
     * @param labels {@link #POSITIVE}, {@link #NEGATIVE} or {@link #IGNORED}
     */
    @SuppressWarnings("ArrayRecordComponent") // one element for each box, tens of thousands in each step
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
        if (lowQualityMatches && boxes.size() > 0) {
            addLowQualityMatches(objects, boxes, bestOfObject, labels);
        }
        return new Matches(matched, labels);
    }

    private int label(double iou) {
        return iou >= positiveFrom ? POSITIVE : iou >= negativeBelow ? IGNORED : NEGATIVE;
    }

    private static void addLowQualityMatches(Boxes objects, Boxes boxes, double[] bestOfObject, int[] labels) {
        for (int object = 0; object < objects.size(); object++) {
            if (bestOfObject[object] == 0) {
                // No box overlaps the object (it is smaller than a pixel, or outside all anchors). Its highest IoU
                // is 0, which detectron2 finds equal to that of every other box, so it would make them all positive.
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
