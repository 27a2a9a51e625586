package dev.moco.training.data.augment;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.pillow.Box;
import dev.moco.training.data.pillow.Flip;
import dev.moco.training.data.pillow.PillowResize;

/**
 * Random view of linear classification in training: crop and flip (docs/method.md §2).
 *
 * @param size side in pixels
 */
public record LinearView(int size) implements View {
    private static final RandomResizedCrop CROP = RandomResizedCrop.ofLinearClassification();

    @Override
    public void write(RgbImage image, CounterRandom random, byte[] target) {
        Box crop = CROP.draw(image.width(), image.height(), random::nextDouble);
        PillowResize.resize(image, crop, size, size, target);
        if (random.bernoulli(ViewTransforms.FLIP_PROBABILITY)) {
            Flip.horizontal(target, size, size);
        }
    }
}
