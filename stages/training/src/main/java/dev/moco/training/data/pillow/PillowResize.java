package dev.moco.training.data.pillow;

import dev.moco.training.data.RgbImage;
import java.util.Arrays;

/**
 * Antialiased bilinear resizing: horizontally, then vertically, rounded to 8 bits after each; an axis that already has
 * its size is left alone (RECIPE §1.10).
 */
public final class PillowResize {
    private PillowResize() {}

    /** The whole image at another size. */
    public static RgbImage resize(RgbImage image, int width, int height) {
        if (width == image.width() && height == image.height()) {
            return image;
        }
        byte[] pixels = new byte[width * height * 3];
        resize(image, Box.of(image.width(), image.height()), width, height, pixels);
        return new RgbImage(width, height, pixels);
    }

    /**
     * Crops, then resizes.
     *
     * @param target height x width x 3 bytes, written
     */
    public static void resize(RgbImage image, Box crop, int width, int height, byte[] target) {
        resize(image, crop, width, height, Box.of(width, height), target);
    }

    /**
     * Crops, resizes, and crops the result to a window, of which alone the pixels are computed.
     *
     * @param target window height x window width x 3 bytes, written
     */
    public static void resize(RgbImage image, Box crop, int width, int height, Box window, byte[] target) {
        TriangleWeights vertical = TriangleWeights.of(crop.height(), height, window.top(), window.height());
        boolean keepRows = crop.height() == height;
        int firstRow = keepRows ? window.top() : vertical.first()[0];
        int rows = keepRows ? window.height() : vertical.end() - firstRow;
        int[] resized = horizontal(image, crop, firstRow, rows, width, window);
        int pitch = window.width() * 3;
        if (keepRows) {
            for (int i = 0; i < pitch * rows; i++) {
                target[i] = (byte) resized[i];
            }
        } else {
            vertical(resized, pitch, vertical, firstRow, target);
        }
    }

    /** Rows of the crop resized to the window's columns: rows x window width x 3 ints of 0 to 255. */
    private static int[] horizontal(RgbImage image, Box crop, int firstRow, int rows, int width, Box window) {
        int pitch = window.width() * 3;
        int[] resized = Scratch.ints(0, rows * pitch);
        int[] line = Scratch.ints(1, crop.width() * 3);
        boolean keepColumns = crop.width() == width;
        TriangleWeights weights = TriangleWeights.of(crop.width(), width, window.left(), window.width());
        for (int row = 0; row < rows; row++) {
            int from = ((crop.top() + firstRow + row) * image.width() + crop.left()) * 3;
            if (keepColumns) {
                widen(image.pixels(), from + window.left() * 3, pitch, resized, row * pitch);
            } else {
                widen(image.pixels(), from, crop.width() * 3, line, 0);
                resizeLine(line, weights, resized, row * pitch);
            }
        }
        return resized;
    }

    private static void widen(byte[] pixels, int from, int length, int[] ints, int to) {
        for (int i = 0; i < length; i++) {
            ints[to + i] = pixels[from + i] & 0xff;
        }
    }

    private static void resizeLine(int[] line, TriangleWeights triangle, int[] resized, int to) {
        int[] weights = triangle.weights();
        int at = to;
        for (int x = 0; x < triangle.first().length; x++) {
            int red = TriangleWeights.HALF;
            int green = TriangleWeights.HALF;
            int blue = TriangleWeights.HALF;
            int from = triangle.first()[x] * 3;
            int tap = x * triangle.taps();
            for (int end = tap + triangle.count()[x]; tap < end; tap++) {
                int weight = weights[tap];
                red += line[from] * weight;
                green += line[from + 1] * weight;
                blue += line[from + 2] * weight;
                from += 3;
            }
            resized[at] = red >> TriangleWeights.BITS;
            resized[at + 1] = green >> TriangleWeights.BITS;
            resized[at + 2] = blue >> TriangleWeights.BITS;
            at += 3;
        }
    }

    private static void vertical(int[] rows, int pitch, TriangleWeights triangle, int firstRow, byte[] target) {
        int[] sums = Scratch.ints(2, pitch);
        for (int y = 0; y < triangle.first().length; y++) {
            Arrays.fill(sums, 0, pitch, TriangleWeights.HALF);
            for (int tap = 0; tap < triangle.count()[y]; tap++) {
                int row = (triangle.first()[y] + tap - firstRow) * pitch;
                addWeighted(rows, row, triangle.weights()[y * triangle.taps() + tap], sums, pitch);
            }
            for (int i = 0; i < pitch; i++) {
                target[y * pitch + i] = (byte) (sums[i] >> TriangleWeights.BITS);
            }
        }
    }

    /** A loop of its own, so that the compiler makes vector instructions of it. */
    private static void addWeighted(int[] rows, int from, int weight, int[] sums, int length) {
        for (int i = 0; i < length; i++) {
            sums[i] += rows[from + i] * weight;
        }
    }
}
