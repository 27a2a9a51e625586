package dev.moco.training.data.decode;

import dev.moco.training.data.RgbImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * EXIF orientation (tag 0x0112): 1 is upright; 2 to 8 are the rotations and mirrorings in which a camera may store
 * rows.
 */
final class Orientation {
    static final int UPRIGHT = 1;

    private static final int TAG = 0x0112;
    private static final int SHORT = 3;
    private static final int ENTRY_BYTES = 12;

    private Orientation() {}

    /**
     * Reads the orientation in the first directory of a TIFF structure. It is upright if the structure is damaged or
     * has no such entry: metadata are no reason to refuse an image.
     */
    static int read(byte[] bytes, int from, int to) {
        if (to - from < 8) {
            return UPRIGHT;
        }
        ByteBuffer tiff = ByteBuffer.wrap(bytes, from, to - from).slice();
        boolean little = tiff.get(0) == 'I' && tiff.get(1) == 'I';
        if (!little && !(tiff.get(0) == 'M' && tiff.get(1) == 'M')) {
            return UPRIGHT;
        }
        tiff.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long directory = tiff.getInt(4) & 0xffffffffL;
        if (tiff.getShort(2) != 42 || directory + 2 > tiff.limit()) {
            return UPRIGHT;
        }
        int entries = tiff.getShort((int) directory) & 0xffff;
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + (long) i * ENTRY_BYTES;
            if (entry + ENTRY_BYTES > tiff.limit()) {
                return UPRIGHT;
            }
            int at = (int) entry;
            if ((tiff.getShort(at) & 0xffff) == TAG && tiff.getShort(at + 2) == SHORT) {
                int value = tiff.getShort(at + 8);
                return value >= 1 && value <= 8 ? value : UPRIGHT;
            }
        }
        return UPRIGHT;
    }

    /** Returns whether the orientation swaps columns and rows. */
    static boolean transposes(int orientation) {
        return orientation >= 5;
    }

    /** Applies an orientation to an image. */
    static RgbImage upright(RgbImage image, int orientation) {
        if (orientation == UPRIGHT) {
            return image;
        }
        int width = transposes(orientation) ? image.height() : image.width();
        int height = transposes(orientation) ? image.width() : image.height();
        byte[] stored = image.pixels();
        byte[] upright = new byte[stored.length];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int column = storedColumn(orientation, x, y, image.width());
                int row = storedRow(orientation, x, y, image.height());
                int from = (row * image.width() + column) * 3;
                upright[at++] = stored[from];
                upright[at++] = stored[from + 1];
                upright[at++] = stored[from + 2];
            }
        }
        return new RgbImage(width, height, upright);
    }

    private static int storedColumn(int orientation, int x, int y, int storedWidth) {
        return switch (orientation) {
            case 2, 3 -> storedWidth - 1 - x;
            case 5, 6 -> y;
            case 7, 8 -> storedWidth - 1 - y;
            default -> x;
        };
    }

    private static int storedRow(int orientation, int x, int y, int storedHeight) {
        return switch (orientation) {
            case 3, 4 -> storedHeight - 1 - y;
            case 5, 8 -> x;
            case 6, 7 -> storedHeight - 1 - x;
            default -> y;
        };
    }
}
