package dev.moco.training.data.pillow;

/** Pillow's mode L: ITU-R 601-2 luma in 16-bit fixed point. */
final class Luma {
    private Luma() {}

    /** Luma, 0 to 255, of the pixel whose red is at {@code at}. */
    static int of(byte[] rgb, int at) {
        return (19595 * (rgb[at] & 0xff) + 38470 * (rgb[at + 1] & 0xff) + 7471 * (rgb[at + 2] & 0xff) + 0x8000) >> 16;
    }
}
