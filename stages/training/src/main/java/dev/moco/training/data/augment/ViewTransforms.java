package dev.moco.training.data.augment;

import dev.moco.contract.PretrainConfig.Augmentation;
import java.util.List;

/**
 * Transforms of the views of pre-training. Each view begins with a RandomResizedCrop and ends with a
 * RandomHorizontalFlip; these transforms come in between (docs/method.md §1.6).
 *
 * @param order the transforms in the order in which they are applied
 * @param jitterProbability probability of ColorJitter
 * @param hueStrength largest shift of the hue in either direction, as a share of the full circle
 * @param grayscaleProbability probability of RandomGrayscale
 * @param blurProbability probability of GaussianBlur
 */
public record ViewTransforms(
        List<Transform> order,
        double jitterProbability,
        double hueStrength,
        double grayscaleProbability,
        double blurProbability) {
    static final double SMALLEST_AREA = 0.2;
    static final double FLIP_PROBABILITY = 0.5;
    /** Bounds of the blur's sigma in pixels. */
    static final double LEAST_SIGMA = 0.1;

    static final double MOST_SIGMA = 2.0;

    private static final ViewTransforms V1 =
            new ViewTransforms(List.of(Transform.GRAYSCALE, Transform.COLOR_JITTER), 1.0, 0.4, 0.2, 0.0);
    private static final ViewTransforms AUG_PLUS = new ViewTransforms(
            List.of(Transform.COLOR_JITTER, Transform.GRAYSCALE, Transform.GAUSSIAN_BLUR), 0.8, 0.1, 0.2, 0.5);

    /** Random transforms of a crop. */
    public enum Transform {
        COLOR_JITTER,
        GRAYSCALE,
        GAUSSIAN_BLUR
    }

    public ViewTransforms {
        order = List.copyOf(order);
    }

    public static ViewTransforms of(Augmentation augmentation) {
        return switch (augmentation) {
            case V1 -> V1;
            case AUG_PLUS -> AUG_PLUS;
        };
    }
}
