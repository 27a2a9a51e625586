package dev.moco.training.detect.evaluate;

import java.util.Arrays;

/**
 * Precision and recall after each detection of a class, in descending order of score.
 *
 * @param recall share of the counted objects that are found
 * @param precision share of the counted detections that are right
 */
@SuppressWarnings("ArrayRecordComponent") // tens of thousands of numbers; not changed after construction
record PrecisionRecall(double[] recall, double[] precision) {
    private static final int VOC_POINTS = 11;
    private static final int COCO_POINTS = 101;

    /**
     * @param hits whether each counted detection is right, best score first
     * @param objects counted objects, at least one
     */
    static PrecisionRecall of(boolean[] hits, int objects) {
        double[] recall = new double[hits.length];
        double[] precision = new double[hits.length];
        int right = 0;
        for (int i = 0; i < hits.length; i++) {
            right += hits[i] ? 1 : 0;
            recall[i] = (double) right / objects;
            precision[i] = (double) right / (i + 1);
        }
        return new PrecisionRecall(recall, precision);
    }

    /**
     * VOC 2007: mean over the recalls 0, .1, ... 1 of the best precision at that recall or a higher one. The grid is
     * i * .1 in doubles, so that a recall of exactly .3, .6 or .7 misses its point, as in the paper's evaluator.
     */
    double elevenPoints() {
        double sum = 0;
        for (int point = 0; point < VOC_POINTS; point++) {
            double threshold = point * .1;
            double best = 0;
            for (int i = 0; i < recall.length; i++) {
                if (recall[i] >= threshold) {
                    best = Math.max(best, precision[i]);
                }
            }
            sum += best / VOC_POINTS;
        }
        return sum;
    }

    /** VOC since 2010: area under the curve, precision made to fall. */
    double area() {
        double[] envelope = envelope();
        double sum = 0;
        double last = 0;
        for (int i = 0; i < recall.length; i++) {
            sum += (recall[i] - last) * envelope[i];
            last = recall[i];
        }
        return sum;
    }

    /** COCO: mean over the recalls 0, .01, ... 1 of the falling precision where that recall is reached. */
    double hundredAndOnePoints() {
        double[] envelope = envelope();
        double sum = 0;
        int at = 0;
        for (int point = 0; point < COCO_POINTS; point++) {
            // numpy.linspace(0, 1, 101) is i * (1 / 100.), the last point exactly 1.
            double threshold = point == COCO_POINTS - 1 ? 1 : point * .01;
            while (at < recall.length && recall[at] < threshold) {
                at++;
            }
            sum += at < recall.length ? envelope[at] : 0;
        }
        return sum / COCO_POINTS;
    }

    private double[] envelope() {
        double[] envelope = Arrays.copyOf(precision, precision.length);
        for (int i = envelope.length - 2; i >= 0; i--) {
            envelope[i] = Math.max(envelope[i], envelope[i + 1]);
        }
        return envelope;
    }
}
