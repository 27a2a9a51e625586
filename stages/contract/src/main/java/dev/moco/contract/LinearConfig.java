package dev.moco.contract;

/**
 * Configuration of linear classification on frozen features (docs/method.md §2).
 *
 * @param architecture backbone, whose pooled features are classified
 * @param untrained true if the backbone has random initial weights, drawn from {@code encoderSeed}, instead of trained
 *     ones
 * @param encoderSeed seed of the initial weights; used only if {@code untrained}
 * @param imageSize side of the crop in pixels; 224 in the paper
 * @param epochs passes over the training images
 * @param batchSize images of a step
 * @param optimizer SGD and its schedule
 * @param precision floating-point type
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
