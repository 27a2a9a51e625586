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

    /** Means of all channels, then their variances, that production computes of the vector's batches. */
    private double[] computed() {
        PreciseBatchNorm norm = new PreciseBatchNorm(2 * channels);
        for (int batch = 0; batch < means.size(); batch++) {
            float[] statistics = Arrays.copyOf(VectorArrays.floats(means.get(batch)), 2 * channels);
            System.arraycopy(VectorArrays.floats(variances.get(batch)), 0, statistics, channels, channels);
            norm.add(statistics);
        }
        return norm.means();
    }

    @Test
    void thePaperAveragesTheMomentsOfTheBatches() {
        double[] found = computed();
        assertThat(Arrays.copyOf(found, channels))
                .containsExactly(VectorArrays.doubles(vector.get("early2020_simple_average_mean")), within(1e-9));
        assertThat(Arrays.copyOfRange(found, channels, 2 * channels))
                .containsExactly(VectorArrays.doubles(vector.get("early2020_simple_average_var")), within(1e-9));
    }

    /** Later releases of fvcore weigh the batches by their sizes and add the variance of their means. */
    @Test
    void theMomentsOfAllBatchesTogetherAreOthers() {
        double[] found = computed();
        for (int channel = 0; channel < channels; channel++) {
            assertThat(found[channel])
                    .isNotCloseTo(vector.get("pop_mean").get(channel).asDouble(), within(0.05));
            assertThat(found[channels + channel])
                    .isNotCloseTo(vector.get("pop_var").get(channel).asDouble(), within(0.05));
        }
    }
}
