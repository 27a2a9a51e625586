package dev.moco.training.data.pillow;

/** Pillow's mode L: ITU-R 601-2 luma in 16-bit fixed point. */
final class Luma {
    private Luma() {}

    static int of(int red, int green, int blue) {
        return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
    }

    /** Luma, 0 to 255, of every pixel; the thread's array, until it asks for another image's. */
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
