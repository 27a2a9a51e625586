package dev.moco.training.data.pillow;

/**
 * Pillow's ImageEnhance on RGB bytes in place: a blend of the image with a degenerate of it, in single precision, cut
 * off to whole numbers (RECIPE §1.8). A factor of 1 leaves the image as it is.
 */
public final class Enhance {
    private static final int MOST = 255;

    private Enhance() {}

    /** Blends with black. */
    public static void brightness(byte[] rgb, double factor) {
        map(rgb, blendsWith(0, (float) factor));
    }

    /** Blends with the image's mean luma, rounded. */
    public static void contrast(byte[] rgb, double factor) {
        long sum = 0;
        for (int i = 0; i < rgb.length; i += 3) {
            sum += Luma.of(rgb, i);
        }
        int pixels = rgb.length / 3;
        int mean = (int) ((double) sum / pixels + 0.5);
        map(rgb, blendsWith(mean, (float) factor));
    }

    /** Blends each pixel with its own luma. */
    public static void saturation(byte[] rgb, double factor) {
        float weight = (float) factor;
        float[] shifts = shifts(weight);
        for (int i = 0; i < rgb.length; i += 3) {
            int luma = Luma.of(rgb, i);
            int luminous = MOST - luma;
            rgb[i] = cut((int) (luma + shifts[luminous + (rgb[i] & 0xff)]));
            rgb[i + 1] = cut((int) (luma + shifts[luminous + (rgb[i + 1] & 0xff)]));
            rgb[i + 2] = cut((int) (luma + shifts[luminous + (rgb[i + 2] & 0xff)]));
        }
    }

    /** Copies luma to all three channels. */
    public static void grayscale(byte[] rgb) {
        for (int i = 0; i < rgb.length; i += 3) {
            byte luma = (byte) Luma.of(rgb, i);
            rgb[i] = luma;
            rgb[i + 1] = luma;
            rgb[i + 2] = luma;
        }
    }

    private static byte[] blendsWith(int degenerate, float weight) {
        byte[] table = new byte[256];
        for (int value = 0; value < table.length; value++) {
            table[value] = blend(degenerate, value, weight);
        }
        return table;
    }

    private static void map(byte[] rgb, byte[] table) {
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = table[rgb[i] & 0xff];
        }
    }

    /** What -255 to 255 above the degenerate add to it. */
    private static float[] shifts(float weight) {
        float[] shifts = new float[2 * MOST + 1];
        for (int i = 0; i < shifts.length; i++) {
            shifts[i] = weight * (i - MOST);
        }
        return shifts;
    }

    private static byte blend(int degenerate, int value, float weight) {
        int blended = (int) (degenerate + weight * (value - degenerate));
        return cut(blended);
    }

    private static byte cut(int value) {
        return (byte) Math.min(Math.max(value, 0), MOST);
    }
}
