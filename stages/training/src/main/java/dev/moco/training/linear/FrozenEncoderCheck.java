package dev.moco.training.linear;

import ai.djl.ndarray.NDArray;
import dev.moco.training.resnet.EncoderWeights;
import java.util.Arrays;

/**
 * Checks that the encoder stays frozen: a linear probe of features that change would measure something else (docs/method.md
 * §2).
 *
 * @param before weights and statistics when they were read
 * @param parameters current parameters
 * @param statistics current statistics
 */
record FrozenEncoderCheck(EncoderWeights before, NDArray parameters, NDArray statistics) {
    /** Fails unless every weight and every batch-norm statistic is the same to the bit. */
    void check() {
        if (!Arrays.equals(before.parameters(), parameters.toFloatArray())
                || !Arrays.equals(before.statistics(), statistics.toFloatArray())) {
            throw new IllegalStateException("the frozen encoder changed during the first epoch");
        }
    }
}
