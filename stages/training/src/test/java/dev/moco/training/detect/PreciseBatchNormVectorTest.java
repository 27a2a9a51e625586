package dev.moco.training.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.detect.boxes.VectorArrays;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PreciseBatchNormVectorTest {
    private final JsonNode vector = Vectors.read("29_precise_bn.json");
    private final JsonNode means = vector.get("batch_means");
    private final JsonNode variances = vector.get("batch_unbiased_vars");
    private final int channels = means.get(0).size();

    @Test
    void thePaperAveragesTheMomentsOfTheBatches() {
        PreciseBatchNorm norm = new PreciseBatchNorm(2 * channels);
        for (int batch = 0; batch < means.size(); batch++) {
            float[] statistics = Arrays.copyOf(VectorArrays.floats(means.get(batch)), 2 * channels);
            System.arraycopy(VectorArrays.floats(variances.get(batch)), 0, statistics, channels, channels);
            norm.add(statistics);
        }
        double[] found = norm.means();
        assertThat(Arrays.copyOf(found, channels))
                .containsExactly(VectorArrays.doubles(vector.get("early2020_simple_average_mean")), within(1e-9));
        assertThat(Arrays.copyOfRange(found, channels, 2 * channels))
                .containsExactly(VectorArrays.doubles(vector.get("early2020_simple_average_var")), within(1e-9));
    }

    @Test
    void laterReleasesTakeTheMomentsOfAllBatchesTogether() {
        long[] sizes = Arrays.stream(VectorArrays.ints(vector.get("batch_sizes_N_H_W")))
                .asLongStream()
                .toArray();
        for (int channel = 0; channel < channels; channel++) {
            Moments found = population(ofChannel(means, channel), ofChannel(variances, channel), sizes);
            assertThat(found.mean())
                    .isCloseTo(vector.get("pop_mean").get(channel).asDouble(), within(1e-9));
            assertThat(found.variance())
                    .isCloseTo(vector.get("pop_var").get(channel).asDouble(), within(1e-9));
        }
    }

    /** Mean and variance of a channel over all batches together. */
    private record Moments(double mean, double variance) {}

    /**
     * Moments of all batches together, which is not what {@link PreciseBatchNorm} computes.
     *
     * @param unbiasedVariances variance of each batch, with the divisor n - 1
     * @param sizes images x height x width of each batch
     */
    private static Moments population(double[] means, double[] unbiasedVariances, long[] sizes) {
        double count = 0;
        double sum = 0;
        double squares = 0;
        for (int batch = 0; batch < sizes.length; batch++) {
            double size = sizes[batch];
            double biased = unbiasedVariances[batch] * (size - 1) / size;
            count += size;
            sum += size * means[batch];
            squares += size * (biased + means[batch] * means[batch]);
        }
        double mean = sum / count;
        return new Moments(mean, squares / count - mean * mean);
    }

    private static double[] ofChannel(JsonNode batches, int channel) {
        double[] values = new double[batches.size()];
        for (int batch = 0; batch < values.length; batch++) {
            values[batch] = batches.get(batch).get(channel).asDouble();
        }
        return values;
    }
}
