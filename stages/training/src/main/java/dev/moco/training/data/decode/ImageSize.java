package dev.moco.training.data.decode;

/** Columns and rows of an image, from its header. */
public record ImageSize(int width, int height) {
    /** Pillow's limit; it refuses larger images as decompression bombs. */
    private static final long MAX_PIXELS = 2L * (1024 * 1024 * 1024 / 4 / 3);

    static ImageSize checked(int width, int height) throws BadImageException {
        if (width < 1 || height < 1) {
            throw new BadImageException("header gives a size of " + width + "x" + height + " pixels");
        }
        if ((long) width * height > MAX_PIXELS) {
            throw new BadImageException("header gives a size of " + width + "x" + height + " pixels, more than the "
                    + MAX_PIXELS + " that are allowed");
        }
        return new ImageSize(width, height);
    }

    /** The size with columns and rows swapped. */
    ImageSize transposed() {
        int columns = height;
        int rows = width;
        return new ImageSize(columns, rows);
    }
}
