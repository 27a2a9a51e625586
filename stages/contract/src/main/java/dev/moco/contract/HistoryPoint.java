package dev.moco.contract;

import java.util.Map;

/**
 * A line of {@code logs/history.jsonl}: metrics at a step.
 *
 * @param epoch epoch, 0-based
 * @param step steps done
 * @param values metrics by name: {@code loss}, {@code top1}, {@code top5}, {@code learningRate}, {@code knnTop1},
 *     {@code validationTop1}, {@code validationTop5}, {@code imagesPerSecond}, {@code dataWaitShare},
 *     {@code lossRpnClass}, {@code lossRpnBox}, {@code lossClass}, {@code lossBox}
 */
public record HistoryPoint(int epoch, long step, Map<String, Double> values) {
    public static final String FILE = "logs/history.jsonl";

    private static final int MAX_VALUES = 100;

    public HistoryPoint {
        Bounds.notNegative("step", step);
        Bounds.count("values of a point", values.size(), MAX_VALUES);
        values = Map.copyOf(values);
    }
}
