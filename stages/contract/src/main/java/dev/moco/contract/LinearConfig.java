package dev.moco.contract;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Linear classification on frozen features (docs/method.md §2).
 *
 * @param architecture backbone whose pooled features are classified
 * @param untrained whether the backbone has its initial weights (drawn from {@code encoderSeed}) instead of an input's
 * @param encoderSeed pre-training seed of the initial weights; read only if {@code untrained}
 * @param imageSize side of the crop in pixels; 224 in the paper
 * @param epochs passes over the training images
 * @param batchSize images a step
 * @param optimizer SGD and its schedule
 * @param precision arithmetic
 * @param seed seed of classifier, order and augmentation
 */
public record LinearConfig(
        Architecture architecture,
        boolean untrained,
        long encoderSeed,
        int imageSize,
        int epochs,
        int batchSize,
        Optimizer optimizer,
        Precision precision,
        long seed)
        implements StageConfig {
    @Override
    public Stage stage() {
        return Stage.LINEAR;
    }

    @Override
    public OptionalLong steps(Optional<StageResult.Prepared> images) {
        if (images.isEmpty()) {
            return OptionalLong.empty();
        }
        long perEpoch = images.get().trainImages() + images.get().validationImages();
        return OptionalLong.of(epochs * ((perEpoch + batchSize - 1) / batchSize));
    }

    @Override
    public StageConfig stepWork() {
        return new LinearConfig(architecture, false, 0, imageSize, 0, batchSize, Optimizer.UNSET, precision, 0);
    }

    @Override
    public long stepMemory(int threads) {
        return MemoryNeed.linear(this);
    }

    @Override
    public String memoryAdvice() {
        return "less is needed with bfloat16, or a smaller batchSize";
    }

    @Override
    public boolean sharesMachine() {
        return true;
    }

    /** This configuration on the untrained encoder of a pre-training seed. */
    public LinearConfig withUntrainedEncoder(long newEncoderSeed) {
        return new LinearConfig(
                architecture, true, newEncoderSeed, imageSize, epochs, batchSize, optimizer, precision, seed);
    }
}
