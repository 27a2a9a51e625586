package dev.moco.training.data.pillow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlendTest {
    private static final int PAIRS = 1 << 16;

    /** In float32, 0.6 * 5 exceeds 3 slightly: 100 - 5 * 0.6 is rounded to 97, but integers give 96. */
    @ParameterizedTest
    @CsvSource({"0.6, false", "0.7123, true", "1, true", "1.3999, true", "0, true", "-0.3, false", "1e9, false"})
    void integersBlendEachPairOfSamplesAsSinglePrecisionDoes(double factor, boolean integral) {
        Blend blend = Blend.of(factor);
        assertThat(blend.integral()).isEqualTo(integral);
        int[] degenerates = new int[PAIRS];
        int[] samples = new int[PAIRS];
        for (int pair = 0; pair < PAIRS; pair++) {
            degenerates[pair] = pair >> 8;
            samples[pair] = pair & 0xff;
        }
        blend.with(degenerates, samples);
        for (int pair = 0; pair < PAIRS; pair++) {
            assertThat(samples[pair]).as("pair %s", pair).isEqualTo(blend.table(degenerates[pair])[pair & 0xff]);
        }
    }
}
