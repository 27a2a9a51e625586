package dev.moco.training.detect.evaluate;

import dev.moco.training.data.Sample;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * A box in the convention of VOC's result files: pixel coordinates from 1, both corners inclusive, widths x2 - x1 + 1.
 *
 * <p>The evaluator of the paper writes such files and reads them again. Their rounding makes some different scores equal
 * (docs/method.md §3.5).
 */
record VocBox(double x1, double y1, double x2, double y2) {

    static VocBox of(Sample.GroundTruth truth) {
        return new VocBox(truth.x1() + 1, truth.y1() + 1, truth.x2(), truth.y2());
    }

    /** Rounds through float32, in which the detector of the paper has its boxes. */
    static VocBox of(Detection detection) {
        return new VocBox(
                written((float) detection.x1() + 1).doubleValue(),
                written((float) detection.y1() + 1).doubleValue(),
                written((float) detection.x2()).doubleValue(),
                written((float) detection.y2()).doubleValue());
    }

    /** A score rounded as by {@code %.3f}. */
    static BigDecimal writtenScore(double score) {
        return new BigDecimal(score).setScale(3, RoundingMode.HALF_EVEN);
    }

    /** A coordinate rounded as by {@code %.1f}. */
    static BigDecimal written(double corner) {
        return new BigDecimal(corner).setScale(1, RoundingMode.HALF_EVEN);
    }

    double iou(VocBox other) {
        double width = Math.min(x2, other.x2) - Math.max(x1, other.x1) + 1;
        double height = Math.min(y2, other.y2) - Math.max(y1, other.y1) + 1;
        if (width <= 0 || height <= 0) {
            return 0;
        }
        double intersection = width * height;
        return intersection / (area() + other.area() - intersection);
    }

    private double area() {
        return (x2 - x1 + 1) * (y2 - y1 + 1);
    }
}
