package dev.moco.contract;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Configuration of MoCo pre-training (docs/method.md §1).
 *
 * @param architecture backbone of both encoders
 * @param head projection head
 * @param dimension length of a key; 128 in the paper
 * @param imageSize side of a view in pixels; 224 in the paper
 * @param augmentation augmentation of v1, or v2's aug+
 * @param epochs passes over the training images
 * @param batchSize images of a step, all ranks together
 * @param ranks slices of the batch, each with its own batch-norm statistics; the paper has 8 GPUs
 * @param contrast queue, temperature and momentum
 * @param optimizer SGD and its schedule
 * @param precision floating-point type
 * @param seed seed of weights, queue, order, augmentation and shuffles
 */
public record PretrainConfig(
        Architecture architecture,
        Head head,
        int dimension,
        int imageSize,
        Augmentation augmentation,
        int epochs,
        int batchSize,
        int ranks,
        Contrast contrast,
        Optimizer optimizer,
        Precision precision,
        long seed)
        implements StageConfig {
    @Override
    public Stage stage() {
        return Stage.PRETRAIN;
    }

    /** The last batch of an epoch is dropped if it is not full. */
    @Override
    public OptionalLong steps(Optional<StageResult.Prepared> images) {
        return images.isPresent()
                ? OptionalLong.of(epochs * (images.get().trainImages() / batchSize))
                : OptionalLong.empty();
    }

    @Override
    public StageConfig stepWork() {
        return new PretrainConfig(
                architecture,
                head,
                dimension,
                imageSize,
                Augmentation.AUG_PLUS,
                0,
                batchSize,
                ranks,
                new Contrast(contrast.queueSize(), 0, 0),
                Optimizer.UNSET,
                precision,
                0);
    }

    @Override
    public long stepMemory(MemoryNeed.Setting setting) {
        return MemoryNeed.pretrain(this, setting);
    }

    @Override
    public long batchMemory() {
        return MemoryNeed.views(2L * batchSize, imageSize);
    }

    @Override
    public String memoryAdvice() {
        return "less is needed with bfloat16, smaller images, or more ranks, which run one after another";
    }

    @Override
    public boolean sharesMachine() {
        return false;
    }

    /** This configuration with another seed. */
    public PretrainConfig withSeed(long newSeed) {
        return new PretrainConfig(
                architecture,
                head,
                dimension,
                imageSize,
                augmentation,
                epochs,
                batchSize,
                ranks,
                contrast,
                optimizer,
                precision,
                newSeed);
    }

    /** Projection heads: one linear layer (v1), or Linear-ReLU-Linear (v2). */
    public enum Head {
        FC,
        MLP
    }

    /** Augmentations of MoCo v1 and v2 (docs/method.md §1.6). */
    public enum Augmentation {
        V1,
        AUG_PLUS
    }

    /**
     * Parameters of the contrastive loss and of the key encoder.
     *
     * @param queueSize number of negative keys; K in the paper
     * @param temperature softmax temperature; tau in the paper
     * @param keyMomentum momentum of the key encoder; m in the paper
     */
    public record Contrast(int queueSize, double temperature, double keyMomentum) {}
}
