package dev.moco.training.data.augment;

import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;

/**
 * Random view of MoCo v1, or of v2's aug+ (docs/method.md §1.6).
 *
 * @param transforms random transforms between crop and flip
 * @param size side in pixels
 */
public record PretrainView(ViewTransforms transforms, int size) {
    public static PretrainView of(Augmentation augmentation, int size) {
        return new PretrainView(ViewTransforms.of(augmentation), size);
    }

    /** Draws the parameters of one view of an image. */
    public ViewParameters draw(RgbImage image, CounterRandom random) {
        return ViewParameters.draw(transforms, image.width(), image.height(), random);
    }
}
