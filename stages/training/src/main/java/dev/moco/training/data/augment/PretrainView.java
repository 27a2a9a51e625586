package dev.moco.training.data.augment;

import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainMethod;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;

/**
 * Random view of pre-training (docs/method.md §1.6).
 *
 * @param transforms random transforms between crop and flip
 * @param size side in pixels
 */
public record PretrainView(ViewTransforms transforms, int size) {
    /** View of a run, with the strength of its method. */
    public static PretrainView of(PretrainConfig config) {
        return config.method() instanceof PretrainMethod.SimClr simClr && config.augmentation() == Augmentation.SIMCLR
                ? new PretrainView(ViewTransforms.simClr(simClr.colorStrength()), config.imageSize())
                : of(config.augmentation(), config.imageSize());
    }

    public static PretrainView of(Augmentation augmentation, int size) {
        return new PretrainView(ViewTransforms.of(augmentation), size);
    }

    /** Draws the parameters of one view of an image. */
    public ViewParameters draw(RgbImage image, CounterRandom random) {
        return ViewParameters.draw(transforms, image.width(), image.height(), random);
    }
}
