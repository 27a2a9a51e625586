package dev.moco.contract;

import java.util.Optional;
import java.util.OptionalLong;

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
 * @param zeroInitial true if the classifier starts at zero, as SimCLR's, instead of random weights
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
        long seed,
        @AddedLater(neutral = "false") boolean zeroInitial)
        implements StageConfig {
    /** A classifier with random initial weights. */
    public LinearConfig(
            Architecture architecture,
            boolean untrained,
            long encoderSeed,
            int imageSize,
            int epochs,
            int batchSize,
            Optimizer optimizer,
            Precision precision,
            long seed) {
        this(architecture, untrained, encoderSeed, imageSize, epochs, batchSize, optimizer, precision, seed, false);
    }

    @Override
    public Stage stage() {
        return Stage.LINEAR;
    }

    @Override
    public OptionalLong steps(Optional<StageResult.Prepared> images) {
        if (images.isEmpty()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(
                stepsOver(images.get().trainImages() + images.get().validationImages()));
    }

    @Override
    public OptionalLong trainingSteps(Optional<StageResult.Prepared> images) {
        return images.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(stepsOver(images.get().trainImages()));
    }

    private long stepsOver(long images) {
        return epochs * ((images + batchSize - 1) / batchSize);
    }

    @Override
    public StageConfig stepWork() {
        return new LinearConfig(architecture, false, 0, imageSize, 0, batchSize, Optimizer.UNSET, precision, 0);
    }

    @Override
    public long stepMemory(MemoryNeed.Setting setting) {
        return MemoryNeed.linear(this, setting.devices());
    }

    @Override
    public long batchMemory() {
        return MemoryNeed.views(batchSize, imageSize);
    }

    /** Devices compute the features of equal parts of a batch. */
    @Override
    public int devices(int atHand) {
        return DeviceCounts.most(batchSize, atHand);
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
                architecture,
                true,
                newEncoderSeed,
                imageSize,
                epochs,
                batchSize,
                optimizer,
                precision,
                seed,
                zeroInitial);
    }
}
