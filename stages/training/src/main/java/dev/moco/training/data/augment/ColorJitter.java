package dev.moco.training.data.augment;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.pillow.Enhance;
import dev.moco.training.data.pillow.Hue;
import dev.moco.training.data.pillow.Planes;
import java.util.ArrayList;
import java.util.List;

/**
 * A drawn colour jitter (docs/method.md §1.8).
 *
 * @param order all four adjustments, in the order of their application
 * @param brightness factor; 1 changes nothing
 * @param contrast factor, likewise
 * @param saturation factor, likewise
 * @param hue share of the full circle
 */
public record ColorJitter(List<Adjustment> order, double brightness, double contrast, double saturation, double hue) {
    /** Brightness, contrast and saturation are drawn within 1 +- this; it is the same in v1 and v2. */
    static final double STRENGTH = 0.4;

    /** The four parts of a jitter. */
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
                case HUE -> Hue.rotate(image, hue);
            }
        }
    }
}
