package dev.moco.training.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moco.training.data.CounterRandom;
import org.junit.jupiter.api.Test;

class PrincipalComponentsTest {
    /** Points on (3, 4) / 5 with deviation 10, and across it with deviation 1: the components are these directions. */
    @Test
    void theFirstComponentIsTheDirectionOfLargestVariance() {
        CounterRandom random = CounterRandom.of(5);
        float[][] rows = new float[200][3];
        double[][] expected = new double[200][2];
        for (int i = 0; i < rows.length; i++) {
            double along = 10 * random.nextGaussian();
            double across = random.nextGaussian();
            rows[i] = new float[] {(float) (100 + 0.6 * along - 0.8 * across), (float) (0.8 * along + 0.6 * across), 7};
            expected[i] = new double[] {along, across};
        }
        double[][] found = PrincipalComponents.of(rows);
        assertThat(Math.abs(correlation(found, expected, 0))).isCloseTo(1, within(1e-3));
        assertThat(Math.abs(correlation(found, expected, 1))).isCloseTo(1, within(1e-1));
        assertThat(variance(found, 0)).isGreaterThan(20 * variance(found, 1));
    }

    @Test
    void rowsThatDoNotVaryAreAtTheOrigin() {
        assertThat(PrincipalComponents.of(new float[][] {{1, 2}, {1, 2}})).isDeepEqualTo(new double[][] {{0, 0}, {0, 0}
        });
        assertThat(PrincipalComponents.of(new float[0][])).isEmpty();
    }

    private static double correlation(double[][] a, double[][] b, int column) {
        return covariance(a, b, column) / Math.sqrt(variance(a, column) * variance(b, column));
    }

    private static double variance(double[][] a, int column) {
        return covariance(a, a, column);
    }

    private static double covariance(double[][] a, double[][] b, int column) {
        double meanOfA = 0;
        double meanOfB = 0;
        for (int i = 0; i < a.length; i++) {
            meanOfA += a[i][column] / a.length;
            meanOfB += b[i][column] / a.length;
        }
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i][column] - meanOfA) * (b[i][column] - meanOfB);
        }
        return sum;
    }
}
