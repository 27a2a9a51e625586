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
 * Random parameters of one view.
 *
 * @param crop box of the RandomResizedCrop
 * @param jitter parameters of the ColorJitter; empty if it is not applied
 * @param grayscale true if the view becomes gray
 * @param sigma standard deviation of the Gaussian blur in pixels; empty if it is not applied
 * @param flip true if the view is flipped horizontally
 */
public record ViewParameters(
        Box crop, Optional<ColorJitter> jitter, boolean grayscale, OptionalDouble sigma, boolean flip) {
    public static ViewParameters draw(ViewTransforms transforms, int width, int height, CounterRandom random) {
        Box crop = new RandomResizedCrop(transforms.smallestArea()).draw(width, height, random::nextDouble);
        Optional<ColorJitter> jitter = random.bernoulli(transforms.jitterProbability())
                ? Optional.of(ColorJitter.draw(transforms.jitter(), random))
                : Optional.empty();
        boolean grayscale = random.bernoulli(transforms.grayscaleProbability());
        OptionalDouble sigma = random.bernoulli(transforms.blurProbability())
                ? OptionalDouble.of(random.uniform(ViewTransforms.LEAST_SIGMA, ViewTransforms.MOST_SIGMA))
                : OptionalDouble.empty();
        return new ViewParameters(crop, jitter, grayscale, sigma, random.bernoulli(ViewTransforms.FLIP_PROBABILITY));
    }

    /**
     * Crops and resizes the image, the first step of the view.
     *
     * @param target receives the crop, size x size x 3 bytes
     */
    public void crop(RgbImage image, int size, byte[] target) {
        PillowResize.resize(image, crop, size, size, target);
    }

    /**
     * Makes the view.
     *
     * @param target receives the view, size x size x 3 bytes
     */
    public void apply(ViewTransforms transforms, RgbImage image, int size, byte[] target) {
        Planes view = PillowResize.planes(image, crop, size, size);
        for (ViewTransforms.Transform transform : transforms.order()) {
            switch (transform) {
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
