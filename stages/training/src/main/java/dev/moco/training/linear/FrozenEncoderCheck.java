package dev.moco.training.linear;

import ai.djl.ndarray.NDArray;
import dev.moco.training.resnet.EncoderWeights;
import java.util.Arrays;

/**
 * The encoder's numbers as they were read, to compare with: a probe of features that move is none (docs/method.md §2).
 *
 * @param before as read
 * @param parameters as they are
 * @param statistics as they are
 */
record FrozenEncoderCheck(EncoderWeights before, NDArray parameters, NDArray statistics) {
    /** Fails unless every weight and every batch-norm statistic has the bits that it had. */
    void check() {
        if (!Arrays.equals(before.parameters(), parameters.toFloatArray())
                || !Arrays.equals(before.statistics(), statistics.toFloatArray())) {
            throw new IllegalStateException("the frozen encoder changed during the first epoch");
        }
    }
}
