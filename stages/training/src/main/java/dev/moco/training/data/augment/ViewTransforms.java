package dev.moco.training.data.augment;

import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.data.augment.ColorJitter.Strength;
import java.util.List;

/**
 * Transforms of the views of pre-training. Each view begins with a RandomResizedCrop and ends with a
 * RandomHorizontalFlip; these transforms come in between (docs/method.md §1.6). SimCLR flips before its other transforms,
 * which gives the same bytes.
 *
 * @param smallestArea least share of the image's area that a crop has
 * @param order the transforms in the order in which they are applied
 * @param jitterProbability probability of ColorJitter
 * @param jitter ranges of ColorJitter
 * @param grayscaleProbability probability of RandomGrayscale
 * @param blurProbability probability of GaussianBlur
 */
public record ViewTransforms(
        double smallestArea,
        List<Transform> order,
        double jitterProbability,
        Strength jitter,
        double grayscaleProbability,
        double blurProbability) {
    static final double FLIP_PROBABILITY = 0.5;
    /** Bounds of the blur's sigma in pixels. */
    static final double LEAST_SIGMA = 0.1;

    static final double MOST_SIGMA = 2.0;

    private static final List<Transform> V2_ORDER =
            List.of(Transform.COLOR_JITTER, Transform.GRAYSCALE, Transform.GAUSSIAN_BLUR);
    private static final ViewTransforms V1 =
            new ViewTransforms(0.2, List.of(Transform.GRAYSCALE, Transform.COLOR_JITTER), 1.0, Strength.V1, 0.2, 0.0);
    private static final ViewTransforms CROP_AND_FLIP = new ViewTransforms(0.08, List.of(), 0.0, Strength.V1, 0.0, 0.0);
    private static final ViewTransforms AUG_PLUS = new ViewTransforms(0.2, V2_ORDER, 0.8, Strength.AUG_PLUS, 0.2, 0.5);

    /** Random transforms of a crop. */
    public enum Transform {
        COLOR_JITTER,
        GRAYSCALE,
        GAUSSIAN_BLUR
    }

    public ViewTransforms {
        order = List.copyOf(order);
    }

    /** Transforms of an augmentation; SimCLR's with the strength for ImageNet. */
    public static ViewTransforms of(Augmentation augmentation) {
        return switch (augmentation) {
            case V1 -> V1;
            case AUG_PLUS -> AUG_PLUS;
            case SIMCLR -> simClr(1);
            case CROP_AND_FLIP -> CROP_AND_FLIP;
        };
    }

    /**
     * Views of SimCLR (arXiv:2002.05709, appendix A, in its form for torchvision).
     *
     * @param strength strength of the color distortion; s in the paper, 1 for ImageNet
     */
    public static ViewTransforms simClr(double strength) {
        return new ViewTransforms(0.08, V2_ORDER, 0.8, Strength.strong(strength), 0.2, 0.5);
    }
}
