package dev.moco.training.data.augment;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.pillow.Enhance;
import dev.moco.training.data.pillow.Hue;
import dev.moco.training.data.pillow.Planes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Parameters drawn for one ColorJitter (docs/method.md §1.8).
 *
 * @param order all four adjustments, in the order in which they are applied
 * @param brightness factor; 1 leaves the image as it is
 * @param contrast factor, likewise
 * @param saturation factor, likewise
 * @param hue shift as a share of the full circle
 */
public record ColorJitter(List<Adjustment> order, double brightness, double contrast, double saturation, double hue) {
    /** The four adjustments of a jitter. */
    public enum Adjustment {
        BRIGHTNESS,
        CONTRAST,
        SATURATION,
        HUE
    }

    public ColorJitter {
        order = List.copyOf(order);
    }

    /**
     * Ranges that are drawn from.
     *
     * @param factor brightness, contrast and saturation are uniform in [1 - factor, 1 + factor]
     * @param hue the hue's shift is uniform in [-hue, hue]
     */
    public record Strength(double factor, double hue) {
        static final Strength V1 = new Strength(0.4, 0.4);
        static final Strength AUG_PLUS = new Strength(0.4, 0.1);

        /** SimCLR's color distortion of a strength; s in the paper (arXiv:2002.05709, appendix A). */
        static Strength strong(double strength) {
            return new Strength(0.8 * strength, 0.2 * strength);
        }
    }

    static ColorJitter draw(Strength strength, CounterRandom random) {
        return of(strength, drawOrder(random), random::nextDouble);
    }

    /** Jitter from uniform numbers in [0, 1): those of brightness, contrast, saturation and hue. */
    static ColorJitter of(Strength strength, List<Adjustment> order, DoubleSupplier uniform) {
        double least = 1 - strength.factor;
        double most = 1 + strength.factor;
        return new ColorJitter(
                order,
                between(least, most, uniform),
                between(least, most, uniform),
                between(least, most, uniform),
                between(-strength.hue, strength.hue, uniform));
    }

    private static double between(double low, double high, DoubleSupplier uniform) {
        return low + uniform.getAsDouble() * (high - low);
    }

    private static List<Adjustment> drawOrder(CounterRandom random) {
        List<Adjustment> left = new ArrayList<>(List.of(Adjustment.values()));
        List<Adjustment> order = new ArrayList<>();
        while (!left.isEmpty()) {
            order.add(left.remove(random.nextInt(left.size())));
        }
        return order;
    }

    /** Adjusts an image in place. */
    void apply(Planes image) {
        for (Adjustment adjustment : order) {
            switch (adjustment) {
                case BRIGHTNESS -> Enhance.brightness(image, brightness);
                case CONTRAST -> Enhance.contrast(image, contrast);
                case SATURATION -> Enhance.saturation(image, saturation);
                case HUE -> Hue.shift(image, hue);
            }
        }
    }
}
