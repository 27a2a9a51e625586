package dev.moco.training.data.pillow;

/** Pillow's mode L: ITU-R 601-2 luma in 16-bit fixed point. */
final class Luma {
    private Luma() {}

    static int of(int red, int green, int blue) {
        return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
    }

    /** Luma of each pixel, 0 to 255, in an array of the thread that its next call overwrites. */
    static int[] of(Planes image) {
        int[] luma = Scratch.ints(image.samples());
        of(image.red(), image.green(), image.blue(), luma, image.samples());
        return luma;
    }

    private static void of(int[] red, int[] green, int[] blue, int[] luma, int samples) {
        for (int i = 0; i < samples; i++) {
            luma[i] = of(red[i], green[i], blue[i]);
        }
    }
}
