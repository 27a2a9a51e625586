package dev.moco.training.data.decode;

import java.nio.ByteBuffer;

/**
 * Header of a PNG.
 *
 * @param size columns and rows
 * @param bits bits of a sample, or of an index into the palette
 * @param colors color type of the PNG specification
 * @param interlaced true for the seven passes of Adam7
 */
record PngHeader(ImageSize size, int bits, int colors, boolean interlaced) {
    static final int GRAY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GRAY_ALPHA = 4;
    static final int RGB_ALPHA = 6;

    /** Content of the header chunk. */
    static PngHeader read(ByteBuffer content) throws BadImageException {
        ImageSize size = ImageSize.checked(content.getInt(), content.getInt());
        int bits = content.get();
        int colors = content.get();
        boolean known = switch (colors) {
            case GRAY -> bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
            case PALETTE -> bits == 1 || bits == 2 || bits == 4 || bits == 8;
            case RGB, GRAY_ALPHA, RGB_ALPHA -> bits == 8 || bits == 16;
            default -> false;
        };
        if (!known) {
            throw new BadImageException("damaged PNG: color type " + colors + " with " + bits + " bits");
        }
        content.get(); // the only compression
        if (content.get() != 0) {
            throw new BadImageException("damaged PNG: unknown filter method");
        }
        return new PngHeader(size, bits, colors, content.get() != 0);
    }

    int channels() {
        return switch (colors) {
            case RGB -> 3;
            case GRAY_ALPHA -> 2;
            case RGB_ALPHA -> 4;
            default -> 1;
        };
    }

    /** Bytes of so many pixels of a row, without its filter. */
    int bytes(int pixels) {
        return (int) (((long) pixels * channels() * bits + 7) / 8);
    }
}
