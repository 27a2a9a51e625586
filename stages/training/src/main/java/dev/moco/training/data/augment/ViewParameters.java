package dev.moco.training.data.augment;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.pillow.Box;
import dev.moco.training.data.pillow.Enhance;
import dev.moco.training.data.pillow.Flip;
import dev.moco.training.data.pillow.GaussianBlur;
import dev.moco.training.data.pillow.PillowResize;
import dev.moco.training.data.pillow.Planes;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Everything that is random in one view.
 *
 * @param crop part of the image
 * @param jitter colour jitter, if any
 * @param grayscale whether colour is lost
 * @param sigma of the blur in pixels, if any
 * @param flip whether left and right are swapped
 */
public record ViewDraw(Box crop, Optional<ColorJitter> jitter, boolean grayscale, OptionalDouble sigma, boolean flip) {
    public static ViewDraw draw(ViewRecipe recipe, int width, int height, CounterRandom random) {
        Box crop = RandomResizedCrop.ofPretraining().draw(width, height, random::nextDouble);
        Optional<ColorJitter> jitter = random.happens(recipe.jitterProbability())
                ? Optional.of(ColorJitter.draw(recipe.hueStrength(), random))
                : Optional.empty();
        boolean grayscale = random.happens(recipe.grayscaleProbability());
        OptionalDouble sigma = random.happens(recipe.blurProbability())
                ? OptionalDouble.of(random.uniform(ViewRecipe.LEAST_SIGMA, ViewRecipe.MOST_SIGMA))
                : OptionalDouble.empty();
        return new ViewDraw(crop, jitter, grayscale, sigma, random.happens(ViewRecipe.FLIP_PROBABILITY));
    }

    /**
     * Makes the crop, the first step of the view.
     *
     * @param target size x size x 3 bytes, written
     */
    public void crop(RgbImage image, int size, byte[] target) {
        PillowResize.resize(image, crop, size, size, target);
    }

    /**
     * Makes the view.
     *
     * @param target size x size x 3 bytes, written
     */
    public void apply(ViewRecipe recipe, RgbImage image, int size, byte[] target) {
        Planes view = PillowResize.planes(image, crop, size, size);
        for (ViewRecipe.Step step : recipe.steps()) {
            switch (step) {
                case COLOR_JITTER -> jitter.ifPresent(colors -> colors.apply(view));
                case GRAYSCALE -> {
                    if (grayscale) {
                        Enhance.grayscale(view);
                    }
                }
                case GAUSSIAN_BLUR -> sigma.ifPresent(pixels -> GaussianBlur.blur(view, pixels));
            }
        }
        view.write(target);
        if (flip) {
            Flip.horizontal(target, size, size);
        }
    }
}
