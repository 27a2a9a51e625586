package dev.moco.contract;

import java.util.List;

/**
 * Precision over recall of one class at IoU .5, in descending order of score; both in [0, 1] and of one length.
 *
 * @param className class
 * @param recall recall after each kept point
 * @param precision precision there
 */
public record PrecisionRecallCurve(String className, List<Double> recall, List<Double> precision) {
    /** Log file of a detection trial: a JSON array of these. */
    public static final String FILE = "logs/precision.json";

    public PrecisionRecallCurve {
        recall = List.copyOf(recall);
        precision = List.copyOf(precision);
        if (recall.size() != precision.size()) {
            throw new IllegalArgumentException("curve of " + className + " has " + recall.size() + " recalls and "
                    + precision.size() + " precisions");
        }
    }
}
