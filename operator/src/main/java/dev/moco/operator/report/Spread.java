package dev.moco.operator.report;

import java.util.List;
import java.util.Locale;

/**
 * Mean and sample standard deviation of a metric over trials.
 *
 * @param mean mean
 * @param deviation sample standard deviation (divisor n - 1); 0 for one trial
 * @param count trials
 */
public record Spread(double mean, double deviation, int count) {
    /** Spread of at least one value. */
    public static Spread of(List<Double> values) {
        double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double squares =
                values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
        return new Spread(mean, values.size() > 1 ? Math.sqrt(squares / (values.size() - 1)) : 0, values.size());
    }

    /** {@code 57.0±0.2}, or {@code 57.0} for one trial. */
    public String text() {
        return count > 1 ? one(mean) + "±" + one(deviation) : one(mean);
    }

    /** One decimal, as the paper prints. */
    public static String one(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** Difference of two numbers as they are shown, so that a reader who subtracts them finds the same. */
    public static String difference(double ours, double theirs) {
        return signed(shown(ours) - shown(theirs));
    }

    /** A number as it is shown. */
    public static double shown(double value) {
        return Double.parseDouble(one(value));
    }

    /** One decimal with its sign. */
    public static String signed(double value) {
        return String.format(Locale.ROOT, "%+.1f", value);
    }
}
