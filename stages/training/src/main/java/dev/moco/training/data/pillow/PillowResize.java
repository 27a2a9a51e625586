package dev.moco.training.data.pillow;

import dev.moco.training.data.RgbImage;
import java.util.Arrays;

/**
 * Antialiased bilinear resizing: horizontally, then vertically, rounded to 8 bits after each; an axis that already has
 * its size is left alone (RECIPE §1.10).
 */
public final class PillowResize {
    private static final long HALVES = TriangleWeights.HALF * 0x1_0000_0001L;
    private static final int HIGH_BITS = 32 + TriangleWeights.BITS;

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
        int pitch = window.width() * 3;
        boolean keepRows = crop.height() == height;
        TriangleWeights vertical = TriangleWeights.of(crop.height(), height, window.top(), window.height());
        int firstRow = keepRows ? window.top() : vertical.first()[0];
        int count = keepRows ? window.height() : vertical.end() - firstRow;
        int[][] rows = Scratch.rows(0, count, pitch);
        horizontal(image, crop, firstRow, count, width, window, rows);
        int[] sums = Scratch.ints(pitch);
        for (int y = 0; y < window.height(); y++) {
            if (keepRows) {
                narrow(rows[y], 0, target, y * pitch, pitch);
            } else {
                weigh(rows, vertical, y, firstRow, sums, pitch);
                narrow(sums, TriangleWeights.BITS, target, y * pitch, pitch);
            }
        }
    }

    /**
     * Resizes rows of the crop to the window's columns, 0 to 255. Two rows at a time: a long carries a sample of each, and
     * neither's weighted sum outgrows its half.
     */
    private static void horizontal(
            RgbImage image, Box crop, int firstRow, int count, int width, Box window, int[][] rows) {
        boolean keepColumns = crop.width() == width;
        TriangleWeights weights = TriangleWeights.of(crop.width(), width, window.left(), window.width());
        long[] line = Scratch.longs((crop.width() + weights.taps()) * 3);
        for (int row = 0; row < count; row += 2) {
            int second = Math.min(row + 1, count - 1);
            int low = ((crop.top() + firstRow + row) * image.width() + crop.left()) * 3;
            int high = low + (second - row) * image.width() * 3;
            if (keepColumns) {
                widen(image.pixels(), low + window.left() * 3, rows[row], window.width() * 3);
                widen(image.pixels(), high + window.left() * 3, rows[second], window.width() * 3);
            } else {
                pair(image.pixels(), low, high, line, crop.width() * 3);
                resize(line, weights, rows[row], rows[second]);
            }
        }
    }

    private static void widen(byte[] pixels, int from, int[] row, int length) {
        for (int i = 0; i < length; i++) {
            row[i] = pixels[from + i] & 0xff;
        }
    }

    private static void pair(byte[] pixels, int low, int high, long[] line, int length) {
        for (int i = 0; i < length; i++) {
            line[i] = (pixels[low + i] & 0xff) | (pixels[high + i] & 0xffL) << 32;
        }
    }

    /** All output pixels take the same number of taps, the last ones of weight 0: the loop's end is foreseen. */
    private static void resize(long[] line, TriangleWeights triangle, int[] low, int[] high) {
        int[] first = triangle.first();
        int[] weights = triangle.weights();
        int taps = triangle.taps();
        int at = 0;
        for (int x = 0; x < first.length; x++) {
            long red = HALVES;
            long green = HALVES;
            long blue = HALVES;
            int from = first[x] * 3;
            int tap = x * taps;
            for (int end = tap + taps; tap < end; tap++) {
                long weight = weights[tap];
                red += line[from] * weight;
                green += line[from + 1] * weight;
                blue += line[from + 2] * weight;
                from += 3;
            }
            low[at] = (int) red >> TriangleWeights.BITS;
            high[at] = (int) (red >> HIGH_BITS);
            low[at + 1] = (int) green >> TriangleWeights.BITS;
            high[at + 1] = (int) (green >> HIGH_BITS);
            low[at + 2] = (int) blue >> TriangleWeights.BITS;
            high[at + 2] = (int) (blue >> HIGH_BITS);
            at += 3;
        }
    }

    /** Weighted sums of the rows that output row y needs. */
    private static void weigh(int[][] rows, TriangleWeights triangle, int y, int firstRow, int[] sums, int length) {
        int row = triangle.first()[y] - firstRow;
        int tap = y * triangle.taps();
        int[] weights = triangle.weights();
        Arrays.fill(sums, 0, length, TriangleWeights.HALF);
        int left = triangle.count()[y];
        for (; left > 1; left -= 2) {
            add(rows[row], weights[tap], rows[row + 1], weights[tap + 1], sums, length);
            row += 2;
            tap += 2;
        }
        if (left > 0) {
            add(rows[row], weights[tap], rows[row], 0, sums, length);
        }
    }

    /** The compiler makes vector instructions of it as the index is the same in all arrays. */
    private static void add(int[] a, int weightOfA, int[] b, int weightOfB, int[] sums, int length) {
        for (int i = 0; i < length; i++) {
            sums[i] += a[i] * weightOfA + b[i] * weightOfB;
        }
    }

    private static void narrow(int[] samples, int bits, byte[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = (byte) (samples[i] >> bits);
        }
    }
}
