package dev.moco.training.detect.evaluate;

import java.util.Arrays;

/**
 * Precision and recall of a class after each of its detections, in descending order of score.
 *
 * @param recall share of the counted objects that were detected
 * @param precision share of the counted detections that are correct
 */
@SuppressWarnings("ArrayRecordComponent") // tens of thousands of numbers; not changed after construction
record PrecisionRecall(double[] recall, double[] precision) {
    private static final int VOC_POINTS = 11;
    private static final int COCO_POINTS = 101;

    /**
     * Computes the curve.
     *
     * @param hits true for each counted detection that is correct, highest score first
     * @param objects number of counted objects, at least one
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
     * AP of VOC 2007: mean, over the recalls 0, .1, ... 1, of the highest precision at that recall or a higher one. The
     * recalls are i * .1 in doubles; .3, .6 and .7 come out too large for a recall of exactly that value, as in the
     * evaluator of the paper.
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

    /** AP of VOC since 2010: area under the curve whose precision is made non-increasing. */
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

    /** AP of COCO: mean of the non-increasing precision over the recalls 0, .01, ... 1; 0 at a recall not reached. */
    double hundredAndOnePoints() {
        double[] envelope = envelope();
        double sum = 0;
        int at = 0;
        for (int point = 0; point < COCO_POINTS; point++) {
            // The points of numpy.linspace(0, 1, 101): i * (1 / 100.), and 1 for the last.
            double threshold = point == COCO_POINTS - 1 ? 1 : point * .01;
            while (at < recall.length && recall[at] < threshold) {
                at++;
            }
            sum += at < recall.length ? envelope[at] : 0;
        }
        return sum / COCO_POINTS;
    }

    /** At each point, the highest precision at that recall or a higher one. */
    private double[] envelope() {
        double[] envelope = Arrays.copyOf(precision, precision.length);
        for (int i = envelope.length - 2; i >= 0; i--) {
            envelope[i] = Math.max(envelope[i], envelope[i + 1]);
        }
        return envelope;
    }
}
