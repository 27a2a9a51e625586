package dev.moco.training.data.augment;

import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;

/**
 * The random views of MoCo v1 or v2's aug+ (docs/method.md §1.6).
 *
 * @param recipe what is drawn
 * @param size side in pixels
 */
public record PretrainView(ViewRecipe recipe, int size) {
    public static PretrainView of(Augmentation augmentation, int size) {
        return new PretrainView(ViewRecipe.of(augmentation), size);
    }

    /** Draws all that is random in a view of an image. */
    public ViewDraw draw(RgbImage image, CounterRandom random) {
        return ViewDraw.draw(recipe, image.width(), image.height(), random);
    }
}
