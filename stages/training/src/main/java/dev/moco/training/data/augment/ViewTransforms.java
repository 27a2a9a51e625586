package dev.moco.training.data.augment;

import dev.moco.contract.PretrainConfig.Augmentation;
import java.util.List;

/**
 * How the views of pre-training are drawn, between the random resized crop and the flip that all begin and end with
 * (docs/method.md §1.6).
 *
 * @param steps in the order of their application
 * @param jitterProbability of the colour jitter
 * @param hueStrength hue is turned by up to this share of the circle, either way
 * @param grayscaleProbability of losing colour
 * @param blurProbability of the blur
 */
public record ViewRecipe(
        List<Step> steps,
        double jitterProbability,
        double hueStrength,
        double grayscaleProbability,
        double blurProbability) {
    static final double SMALLEST_AREA = 0.2;
    static final double FLIP_PROBABILITY = 0.5;
    /** Bounds of the blur's sigma in pixels. */
    static final double LEAST_SIGMA = 0.1;

    static final double MOST_SIGMA = 2.0;

    private static final ViewRecipe V1 = new ViewRecipe(List.of(Step.GRAYSCALE, Step.COLOR_JITTER), 1.0, 0.4, 0.2, 0.0);
    private static final ViewRecipe AUG_PLUS =
            new ViewRecipe(List.of(Step.COLOR_JITTER, Step.GRAYSCALE, Step.GAUSSIAN_BLUR), 0.8, 0.1, 0.2, 0.5);

    /** What may be done to a crop. */
    public enum Step {
        COLOR_JITTER,
        GRAYSCALE,
        GAUSSIAN_BLUR
    }

    public ViewRecipe {
        steps = List.copyOf(steps);
    }

    public static ViewRecipe of(Augmentation augmentation) {
        return switch (augmentation) {
            case V1 -> V1;
            case AUG_PLUS -> AUG_PLUS;
        };
    }
}
