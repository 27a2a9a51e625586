package dev.moco.contract;

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
}
