package dev.moco.contract;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Configuration of pre-training (docs/method.md §1).
 *
 * @param architecture backbone of the encoders
 * @param head head on the backbone
 * @param dimension length of a key; 128 in the paper; 0 with {@link Head#CLASSES}
 * @param imageSize side of a view in pixels; 224 in the paper
 * @param augmentation augmentation of a view
 * @param epochs passes over the training images
 * @param batchSize images of a step, all ranks together
 * @param ranks slices of the batch; with MoCo each has its own batch-norm statistics; the paper has 8 GPUs
 * @param contrast queue, temperature and momentum; 0 where the method has none
 * @param optimizer optimizer and its schedule
 * @param precision floating-point type
 * @param seed seed of weights, queue, order, augmentation and shuffles
 * @param method method, with the settings that only it has
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
        long seed,
        @AddedLater(neutral = PretrainMethod.MoCo.JSON) PretrainMethod method)
        implements StageConfig {
    /** Pre-training with MoCo. */
    public PretrainConfig(
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
            long seed) {
        this(
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
                seed,
                new PretrainMethod.MoCo());
    }

    @Override
    public Stage stage() {
        return Stage.PRETRAIN;
    }

    @Override
    public OptionalLong steps(Optional<StageResult.Prepared> images) {
        return images.isPresent()
                ? OptionalLong.of(epochs * stepsPerEpoch(images.get().trainImages()))
                : OptionalLong.empty();
    }

    /** Steps of an epoch over a number of images. */
    public long stepsPerEpoch(long images) {
        return method.dropsLastBatch() ? images / batchSize : (images + batchSize - 1) / batchSize;
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
                0,
                method.stepWork());
    }

    @Override
    public long stepMemory(MemoryNeed.Setting setting) {
        return PretrainMemory.of(this, setting);
    }

    @Override
    public long batchMemory() {
        return MemoryNeed.views((long) method.views() * batchSize, imageSize);
    }

    @Override
    public int devices(int atHand) {
        return DeviceCounts.most(ranks, atHand);
    }

    @Override
    public void requireDevices(int asked) {
        DeviceCounts.require(ranks, asked);
    }

    @Override
    public String memoryAdvice() {
        return "less is needed with " + method.memoryAdvice();
    }

    @Override
    public boolean sharesMachine() {
        return false;
    }

    /** True if a run with more epochs makes the same steps, as no rate depends on the number of epochs. */
    public boolean continues() {
        return optimizer.schedule() == Optimizer.Schedule.STEP;
    }

    /**
     * Number of epochs from the first in which a run with another configuration makes the same steps as one with this: 0 if
     * they differ in more than epochs and milestones, or a rate depends on the number of epochs.
     */
    public int epochsSharedWith(PretrainConfig other) {
        if (!continues() || !equalsButForLength(other)) {
            return equals(other) ? epochs : 0;
        }
        int shared = 0;
        while (shared < Math.min(epochs, other.epochs)
                && optimizer.milestonesUpTo(shared) == other.optimizer.milestonesUpTo(shared)) {
            shared++;
        }
        return shared;
    }

    /** Returns whether another configuration differs in epochs and milestones at most. */
    public boolean equalsButForLength(PretrainConfig other) {
        return withoutLength().equals(other.withoutLength());
    }

    private PretrainConfig withoutLength() {
        return new PretrainConfig(
                architecture,
                head,
                dimension,
                imageSize,
                augmentation,
                0,
                batchSize,
                ranks,
                contrast,
                optimizer.withoutMilestones(),
                precision,
                seed,
                method);
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
                newSeed,
                method);
    }

    /** Heads. */
    public enum Head {
        /** One linear layer, as MoCo v1's. */
        FC,
        /** Linear, ReLU, linear, as MoCo v2's. */
        MLP,
        /** Linear without bias, batch norm, ReLU, linear without bias, batch norm without bias, as SimCLR's. */
        BATCH_NORM_MLP,
        /** One linear layer whose outputs are the scores of the data's classes. */
        CLASSES
    }

    /** Augmentations (docs/method.md §1.6). */
    public enum Augmentation {
        /** MoCo v1's. */
        V1,
        /** MoCo v2's aug+. */
        AUG_PLUS,
        /** SimCLR's. */
        SIMCLR,
        /** Random crop and flip, as in supervised training. */
        CROP_AND_FLIP
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
