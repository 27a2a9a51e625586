package dev.moco.training.data.pillow;

/**
 * Pillow's ImageEnhance in place: a blend of the image with a degenerate version of it, in single precision, truncated
 * to integers (docs/method.md §1.8). A factor of 1 leaves the image as it is.
 */
public final class Enhance {
    private Enhance() {}

    /** Blends with black. */
    public static void brightness(Planes image, double factor) {
        blend(image, 0, factor);
    }

    /** Blends with the image's mean luma, rounded. */
    public static void contrast(Planes image, double factor) {
        int[] luma = Luma.of(image);
        long sum = 0;
        for (int i = 0; i < image.samples(); i++) {
            sum += luma[i];
        }
        blend(image, (int) ((double) sum / image.samples() + 0.5), factor);
    }

    /** Blends each pixel with its own luma. */
    public static void saturation(Planes image, double factor) {
        Blend blend = Blend.of(factor);
        int[] luma = Luma.of(image);
        blend.with(luma, image.red());
        blend.with(luma, image.green());
        blend.with(luma, image.blue());
    }

    /** Copies luma to all three channels. */
    public static void grayscale(Planes image) {
        int[] luma = Luma.of(image);
        System.arraycopy(luma, 0, image.red(), 0, image.samples());
        System.arraycopy(luma, 0, image.green(), 0, image.samples());
        System.arraycopy(luma, 0, image.blue(), 0, image.samples());
    }

    private static void blend(Planes image, int degenerate, double factor) {
        int[] table = Blend.of(factor).table(degenerate);
        map(image.red(), table);
        map(image.green(), table);
        map(image.blue(), table);
    }

    private static void map(int[] samples, int[] table) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = table[samples[i]];
        }
    }
}
