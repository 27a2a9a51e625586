package dev.moco.training.data;

/**
 * An 8-bit RGB image.
 *
 * @param width columns
 * @param height rows
 * @param pixels height x width x 3 bytes, row by row; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // megabytes: a copy at each call would double the loader's work
public record RgbImage(int width, int height, byte[] pixels) {
    public RgbImage {
        if (width < 1 || height < 1 || pixels.length != width * height * 3) {
            throw new IllegalArgumentException(
                    "an RGB image of " + width + "x" + height + " cannot have " + pixels.length + " bytes");
        }
    }
}
