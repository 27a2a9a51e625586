package dev.moco.training.pretrain;

import dev.moco.contract.PretrainConfig;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.resnet.FeatureEncoder;

/** Judges features during pre-training by their nearest neighbours. */
@FunctionalInterface
public interface KnnMonitor {
    /**
     * Share of validation images, in percent, that their nearest training images classify right.
     *
     * @param bank training images; the first {@code config.knn().bankImages()} of them are looked at
     */
    double top1(
            FeatureEncoder encoder, DecodedImages bank, DecodedImages validation, PretrainConfig config, int threads)
            throws InterruptedException;
}
