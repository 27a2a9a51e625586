package dev.moco.contract;

import org.jspecify.annotations.Nullable;

/**
 * Configuration of the stage that reads a file of weights of another program (docs/pytorch.md).
 *
 * @param architecture architecture that the file must have
 * @param sourceFingerprint SHA-256 of the file's listing
 * @param initial what pre-training starts with; null if only the encoder is evaluated
 */
public record WeightsConfig(
        Architecture architecture,
        String sourceFingerprint,
        @Nullable Initial initial) implements SourceConfig {
    private static final int FLOAT = 4;

    @Override
    public Stage stage() {
        return Stage.WEIGHTS;
    }

    @Override
    public long seed() {
        return 0;
    }

    /** Every part of the file is on the heap at once, and once more while it is written. */
    @Override
    public long imageMemory() {
        long encoder = architecture.parameters();
        long numbers = encoder;
        if (initial != null) {
            long head = (long) architecture.features() * (architecture.features() + initial.dimension());
            numbers = 3 * (encoder + head) + (long) initial.dimension() * initial.queueSize();
        }
        return 2 * numbers * FLOAT;
    }

    @Override
    public long stepMemory(MemoryNeed.Setting setting) {
        return imageMemory();
    }

    @Override
    public WeightsConfig withSourceFingerprint(String fingerprint) {
        return new WeightsConfig(architecture, fingerprint, initial);
    }

    /**
     * Initial state of pre-training. The query encoder always comes along; its projection head does where the file is a
     * checkpoint of MoCo, and must then be that of the pre-training.
     *
     * @param head projection head of the pre-training
     * @param dimension length of its keys
     * @param queueSize number of keys in its queue
     * @param keyEncoder true if the key encoder is the file's; false if it is a copy of the query encoder
     * @param queue true if the keys of the queue are the file's; false if they are random
     * @param optimizer true if SGD's momentum is the file's; false if it is zero
     */
    public record Initial(
            PretrainConfig.Head head,
            int dimension,
            int queueSize,
            boolean keyEncoder,
            boolean queue,
            boolean optimizer) {}
}
