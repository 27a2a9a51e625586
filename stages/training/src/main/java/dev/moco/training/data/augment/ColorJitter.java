package dev.moco.training.data.augment;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.pillow.Enhance;
import dev.moco.training.data.pillow.Hue;
import dev.moco.training.data.pillow.Planes;
import java.util.ArrayList;
import java.util.List;

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
    /** Brightness, contrast and saturation are uniform in [1 - STRENGTH, 1 + STRENGTH], in v1 as in v2. */
    static final double STRENGTH = 0.4;

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

    static ColorJitter draw(double hueStrength, CounterRandom random) {
        return new ColorJitter(
                drawOrder(random),
                random.uniform(1 - STRENGTH, 1 + STRENGTH),
                random.uniform(1 - STRENGTH, 1 + STRENGTH),
                random.uniform(1 - STRENGTH, 1 + STRENGTH),
                random.uniform(-hueStrength, hueStrength));
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
