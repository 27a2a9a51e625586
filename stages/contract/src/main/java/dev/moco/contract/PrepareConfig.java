package dev.moco.contract;

import java.util.List;

/**
 * Configuration of the preparation of shards from raw images.
 *
 * @param dataset layout of the source
 * @param sourceFingerprint SHA-256 of the source's listing, so that a changed source has another key
 * @param onBadImage reaction to a corrupt image
 * @param classNames detection classes in label order; empty for {@link Dataset#IMAGENET}, whose classes are its folders
 * @param shardImages images of a shard
 * @param seed seed of the shuffle of all training samples
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

    /** Reaction to a corrupt image. */
    public enum OnBadImage {
        /** The stage fails with {@link ExitCode#BAD_DATA}. */
        FAIL,
        /** The image is skipped, and counted in the result. */
        SKIP
    }
}
