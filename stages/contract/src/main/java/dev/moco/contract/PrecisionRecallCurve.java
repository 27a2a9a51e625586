package dev.moco.contract;

import java.util.List;

/**
 * Precision-recall curve of one class at IoU 0.5, in descending order of scores, with values in [0, 1].
 *
 * @param className class
 * @param recall recall of each point
 * @param precision precision of each point
 */
public record PrecisionRecallCurve(String className, List<Double> recall, List<Double> precision) {
    /** Log file of a detection trial: a JSON array of curves. */
    public static final String FILE = "logs/precision.json";

    private static final int MAX_NAME = 256;

    public PrecisionRecallCurve {
        Bounds.text("class of a curve", className, MAX_NAME);
        recall = List.copyOf(recall);
        precision = List.copyOf(precision);
        if (recall.size() != precision.size()) {
            throw new IllegalArgumentException("curve of " + className + " has " + recall.size() + " recalls and "
                    + precision.size() + " precisions");
        }
        recall.forEach(value -> Bounds.percent("recall in percent", 100 * value));
        precision.forEach(value -> Bounds.percent("precision in percent", 100 * value));
    }
}
