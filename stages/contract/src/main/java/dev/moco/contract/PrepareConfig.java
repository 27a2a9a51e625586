package dev.moco.contract;

import java.util.List;

/**
 * Configuration of the preparation of shards from raw images.
 *
 * @param dataset layout of the source
 * @param sourceFingerprint SHA-256 of the source's listing, so that a changed source has another key
 * @param onBadImage reaction to a corrupt image
 * @param classNames detection classes in label order; empty for {@link Dataset#IMAGENET}, whose classes are its folders,
 *     and for {@link Dataset#UNLABELED}
 * @param shardImages images of a shard
 * @param seed seed of the shuffle of all training samples
 * @param vocYears years of VOC whose training images must be there, ascending; empty for both with VOC's own classes, and
 *     for those that are there with other classes
 */
public record PrepareConfig(
        Dataset dataset,
        String sourceFingerprint,
        OnBadImage onBadImage,
        List<String> classNames,
        int shardImages,
        long seed,
        @AddedLater(neutral = "[]") List<Integer> vocYears)
        implements SourceConfig {

    public PrepareConfig {
        classNames = List.copyOf(classNames);
        vocYears = List.copyOf(vocYears);
    }

    /** A configuration that names no years. */
    public PrepareConfig(
            Dataset dataset,
            String sourceFingerprint,
            OnBadImage onBadImage,
            List<String> classNames,
            int shardImages,
            long seed) {
        this(dataset, sourceFingerprint, onBadImage, classNames, shardImages, seed, List.of());
    }

    @Override
    public Stage stage() {
        return Stage.PREPARE;
    }

    @Override
    public PrepareConfig withSourceFingerprint(String fingerprint) {
        return new PrepareConfig(dataset, fingerprint, onBadImage, classNames, shardImages, seed, vocYears);
    }

    /** Layout of a raw data set. */
    public enum Dataset {
        IMAGENET,
        VOC,
        /** Images anywhere below a folder, without classes. */
        UNLABELED
    }

    /** Reaction to a corrupt image. */
    public enum OnBadImage {
        /** The stage fails with {@link ExitCode#BAD_DATA}. */
        FAIL,
        /** The image is skipped, and counted in the result. */
        SKIP
    }
}
