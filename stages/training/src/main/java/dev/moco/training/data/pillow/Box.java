package dev.moco.training.data.pillow;

/** A rectangle of whole pixels. */
public record Box(int left, int top, int width, int height) {
    public Box {
        if (left < 0 || top < 0 || width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "no box of pixels: left " + left + ", top " + top + ", " + width + "x" + height);
        }
    }

    /** Returns the box of a whole image. */
    public static Box of(int width, int height) {
        return new Box(0, 0, width, height);
    }
}
