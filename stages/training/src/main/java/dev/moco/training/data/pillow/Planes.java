package dev.moco.training.data.pillow;

/**
 * An 8-bit RGB image with a plane for each channel, as ints of 0 to 255: the JIT vectorizes loops over ints, but not
 * those over bytes.
 *
 * @param width columns
 * @param height rows
 * @param red height x width samples, row by row
 * @param green likewise
 * @param blue likewise
 */
@SuppressWarnings("ArrayRecordComponent") // an image: not copied
public record Planes(int width, int height, int[] red, int[] green, int[] blue) {
    static Planes of(int width, int height) {
        int samples = width * height;
        return new Planes(width, height, new int[samples], new int[samples], new int[samples]);
    }

    int samples() {
        return width * height;
    }

    /** Sets a row from its reds, greens and blues, one after the other. */
    void put(int y, int[] row) {
        System.arraycopy(row, 0, red, y * width, width);
        System.arraycopy(row, width, green, y * width, width);
        System.arraycopy(row, 2 * width, blue, y * width, width);
    }

    /** Copies a row to its reds, greens and blues, one after the other. */
    void get(int y, int[] row) {
        System.arraycopy(red, y * width, row, 0, width);
        System.arraycopy(green, y * width, row, width, width);
        System.arraycopy(blue, y * width, row, 2 * width, width);
    }

    /**
     * Interleaves the channels.
     *
     * @param rgb receives the image, height x width x 3 bytes
     */
    public void write(byte[] rgb) {
        for (int i = 0; i < red.length; i++) {
            rgb[3 * i] = (byte) red[i];
            rgb[3 * i + 1] = (byte) green[i];
            rgb[3 * i + 2] = (byte) blue[i];
        }
    }
}
