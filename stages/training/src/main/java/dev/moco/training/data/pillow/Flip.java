package dev.moco.training.data.pillow;

/** Horizontal flip. */
public final class Flip {
    private Flip() {}

    /** Swaps left and right of height x width x 3 bytes in place. */
    public static void horizontal(byte[] rgb, int width, int height) {
        for (int y = 0; y < height; y++) {
            int left = y * width * 3;
            int right = left + (width - 1) * 3;
            for (; left < right; left += 3, right -= 3) {
                for (int channel = 0; channel < 3; channel++) {
                    byte swapped = rgb[left + channel];
                    rgb[left + channel] = rgb[right + channel];
                    rgb[right + channel] = swapped;
                }
            }
        }
    }
}
