package dev.moco.training.linear;

import java.util.Arrays;

/** The first two principal components of features, by power iteration: no library, and no matrix of channels x channels. */
final class PrincipalComponents {
    private static final int ITERATIONS = 100;

    private PrincipalComponents() {}

    /**
     * Coordinates of each row on the first two components.
     *
     * @param rows features, rows x channels; not changed
     * @return rows x 2
     */
    static double[][] of(float[][] rows) {
        double[][] left = centered(rows);
        double[][] coordinates = new double[rows.length][2];
        for (int component = 0; component < 2; component++) {
            double[] direction = direction(left);
            for (int i = 0; i < left.length; i++) {
                double along = dot(left[i], direction);
                coordinates[i][component] = along;
                for (int c = 0; c < direction.length; c++) {
                    left[i][c] -= along * direction[c];
                }
            }
        }
        return coordinates;
    }

    private static double[][] centered(float[][] rows) {
        int channels = rows.length == 0 ? 0 : rows[0].length;
        double[] mean = new double[channels];
        for (float[] row : rows) {
            for (int c = 0; c < channels; c++) {
                mean[c] += (double) row[c] / rows.length;
            }
        }
        double[][] centered = new double[rows.length][channels];
        for (int i = 0; i < rows.length; i++) {
            for (int c = 0; c < channels; c++) {
                centered[i][c] = rows[i][c] - mean[c];
            }
        }
        return centered;
    }

    /** Unit vector along which the rows vary most; zeros if they do not vary. */
    private static double[] direction(double[][] rows) {
        int channels = rows.length == 0 ? 0 : rows[0].length;
        // The longest row is not orthogonal to what is looked for, but for rows that are arranged so on purpose.
        double[] direction = Arrays.stream(rows)
                .max((a, b) -> Double.compare(dot(a, a), dot(b, b)))
                .map(double[]::clone)
                .orElse(new double[0]);
        if (!normalize(direction)) {
            return new double[channels];
        }
        for (int i = 0; i < ITERATIONS; i++) {
            double[] next = new double[channels];
            for (double[] row : rows) {
                double along = dot(row, direction);
                for (int c = 0; c < channels; c++) {
                    next[c] += along * row[c];
                }
            }
            if (!normalize(next)) {
                return new double[channels];
            }
            direction = next;
        }
        return direction;
    }

    /** Divides by the length; false if that is 0. */
    private static boolean normalize(double[] vector) {
        double length = Math.sqrt(dot(vector, vector));
        if (!(length > 1e-12)) {
            return false;
        }
        for (int i = 0; i < vector.length; i++) {
            vector[i] /= length;
        }
        return true;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
