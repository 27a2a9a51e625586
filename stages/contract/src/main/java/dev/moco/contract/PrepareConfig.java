package dev.moco.contract;

import java.util.List;

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
