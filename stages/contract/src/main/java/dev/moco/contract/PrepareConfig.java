package dev.moco.contract;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Raw images to shards.
 *
 * @param dataset layout of the source
 * @param sourceFingerprint SHA-256 over the source's listing: a changed source is another stage
 * @param onBadImage what a corrupt image does
 * @param classNames detection classes in label order; empty for {@link Dataset#IMAGENET}, whose classes are its folders
 * @param shardImages images a shard
 * @param seed seed of the one global shuffle of the training samples
 */
public record PrepareConfig(
        Dataset dataset,
        String sourceFingerprint,
        OnBadImage onBadImage,
        List<String> classNames,
        int shardImages,
        long seed)
        implements StageConfig {

    public PrepareConfig {
        classNames = List.copyOf(classNames);
    }

    @Override
    public Stage stage() {
        return Stage.PREPARE;
    }

    @Override
    public int batchSize() {
        return 1;
    }

    @Override
    public OptionalLong steps(Optional<StageResult.Prepared> images) {
        return OptionalLong.empty();
    }

    @Override
    public StageConfig stepWork() {
        return this;
    }

    @Override
    public long stepMemory(int threads) {
        return 0;
    }

    @Override
    public String memoryAdvice() {
        return "give it more";
    }

    @Override
    public boolean sharesMachine() {
        return false;
    }

    /** This configuration for a source whose listing has another fingerprint. */
    public PrepareConfig withSourceFingerprint(String fingerprint) {
        return new PrepareConfig(dataset, fingerprint, onBadImage, classNames, shardImages, seed);
    }

    /** Layout of a raw data set. */
    public enum Dataset {
        IMAGENET,
        VOC
    }

    /** What a corrupt image does: fail the stage (exit 65), or be named, counted and left out. */
    public enum OnBadImage {
        FAIL,
        SKIP
    }
}
