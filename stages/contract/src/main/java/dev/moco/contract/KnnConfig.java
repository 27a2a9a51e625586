package dev.moco.contract;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Configuration of classification by nearest neighbors of a finished encoder, as the {@link KnnMonitor} of pre-training
 * computes it on the way.
 *
 * @param architecture backbone, whose pooled features are compared
 * @param imageSize side of the crop in pixels
 * @param precision floating-point type
 * @param neighbors nearest neighbors that vote on the class of an image
 * @param temperature the weight of a vote is exp(similarity / temperature)
 * @param bankImages number of training images in the bank, the first of the shuffled data set; 0 for all
 */
public record KnnConfig(
        Architecture architecture,
        int imageSize,
        Precision precision,
        int neighbors,
        double temperature,
        int bankImages)
        implements StageConfig {
    private static final int BATCH = 64;

    public KnnConfig {
        Objects.requireNonNull(architecture, "architecture of nearest neighbors");
        Objects.requireNonNull(precision, "precision of nearest neighbors");
    }

    @Override
    public Stage stage() {
        return Stage.KNN;
    }

    @Override
    public long seed() {
        return 0;
    }

    @Override
    public int batchSize() {
        return BATCH;
    }

    /** It trains nothing. */
    @Override
    public OptionalLong steps(Optional<StageResult.Prepared> images) {
        return OptionalLong.empty();
    }

    @Override
    public StageConfig stepWork() {
        return this;
    }

    @Override
    public long stepMemory(MemoryNeed.Setting setting) {
        return MemoryNeed.features(architecture, imageSize, precision, BATCH)
                + PretrainMemory.bank(architecture, setting.bankImages());
    }

    @Override
    public long batchMemory() {
        return MemoryNeed.views(BATCH, imageSize);
    }

    @Override
    public String memoryAdvice() {
        return "less is needed with a smaller spec.pretrain.knn.bankImages";
    }

    @Override
    public boolean sharesMachine() {
        return true;
    }

    /** The monitor that computes the same. */
    public KnnMonitor monitor() {
        return new KnnMonitor(1, neighbors, temperature, bankImages);
    }
}
