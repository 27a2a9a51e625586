package dev.moco.training.data.pillow;

import dev.moco.training.data.RgbImage;
import java.util.Arrays;

/**
 * Antialiased bilinear resizing: horizontally, then vertically, rounded to 8 bits after each; an axis that already has
 * its size is not changed (docs/method.md §1.10).
 */
public final class PillowResize {
    private static final long HALVES = TriangleWeights.HALF * 0x1_0000_0001L;
    private static final int HIGH_BITS = 32 + TriangleWeights.BITS;

    private PillowResize() {}

    /** Resizes a whole image. */
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
     * @param target receives the result, height x width x 3 bytes
     */
    public static void resize(RgbImage image, Box crop, int width, int height, byte[] target) {
        resize(image, crop, width, height, Box.of(width, height), target);
    }

    /**
     * Crops, resizes, and crops the result to a window; only the window's pixels are computed.
     *
     * @param target receives the window, window height x window width x 3 bytes
     */
    public static void resize(RgbImage image, Box crop, int width, int height, Box window, byte[] target) {
        resize(image, crop, width, height, window, (y, row) -> interleave(row, window.width(), target, y));
    }

    /** Crops, then resizes, into planes of the thread that its next call overwrites. */
    public static Planes planes(RgbImage image, Box crop, int width, int height) {
        Planes planes = Scratch.planes(width, height);
        resize(image, crop, width, height, Box.of(width, height), planes::put);
        return planes;
    }

    /**
     * Receives the rows of the result from 0 on, each with its reds, greens and blues, 0 to 255, one after the other.
     */
    @FunctionalInterface
    private interface Rows {
        void accept(int y, int[] row);
    }

    private static void resize(RgbImage image, Box crop, int width, int height, Box window, Rows result) {
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
                result.accept(y, rows[y]);
            } else {
                weigh(rows, vertical, y, firstRow, sums, pitch);
                result.accept(y, sums);
            }
        }
    }

    private static void interleave(int[] row, int width, byte[] target, int y) {
        int at = y * width * 3;
        for (int x = 0; x < width; x++) {
            target[at] = (byte) row[x];
            target[at + 1] = (byte) row[width + x];
            target[at + 2] = (byte) row[2 * width + x];
            at += 3;
        }
    }

    /**
     * Resizes rows of the crop to the window's columns: reds, greens and blues of 0 to 255. Four rows at a time: each
     * long holds samples of two rows, and each weighted sum fits its 32 bits.
     */
    private static void horizontal(
            RgbImage image, Box crop, int firstRow, int count, int width, Box window, int[][] rows) {
        if (crop.width() == width) {
            for (int row = 0; row < count; row++) {
                int from = start(image, crop, firstRow + row) + window.left() * 3;
                separate(image.pixels(), from, rows[row], window.width());
            }
            return;
        }
        TriangleWeights weights = TriangleWeights.of(crop.width(), width, window.left(), window.width());
        int samples = (crop.width() + weights.taps()) * 3;
        long[] upper = Scratch.longs(0, samples);
        long[] lower = Scratch.longs(1, samples);
        for (int row = 0; row < count; row += 4) {
            int second = Math.min(row + 1, count - 1);
            int third = Math.min(row + 2, count - 1);
            int fourth = Math.min(row + 3, count - 1);
            pair(image, crop, firstRow + row, firstRow + second, upper);
            pair(image, crop, firstRow + third, firstRow + fourth, lower);
            resize(upper, lower, weights, rows[row], rows[second], rows[third], rows[fourth]);
        }
    }

    private static int start(RgbImage image, Box crop, int row) {
        return ((crop.top() + row) * image.width() + crop.left()) * 3;
    }

    private static void separate(byte[] pixels, int from, int[] row, int width) {
        for (int x = 0; x < width; x++) {
            row[x] = pixels[from] & 0xff;
            row[width + x] = pixels[from + 1] & 0xff;
            row[2 * width + x] = pixels[from + 2] & 0xff;
            from += 3;
        }
    }

    private static void pair(RgbImage image, Box crop, int lowRow, int highRow, long[] line) {
        byte[] pixels = image.pixels();
        int low = start(image, crop, lowRow);
        int high = start(image, crop, highRow);
        for (int i = 0; i < crop.width() * 3; i++) {
            line[i] = (pixels[low + i] & 0xff) | (pixels[high + i] & 0xffL) << 32;
        }
    }

    /**
     * Resizes four rows. Each output pixel has the same number of taps, padded with weight 0, so that branches predict
     * well.
     */
    private static void resize(
            long[] upper, long[] lower, TriangleWeights triangle, int[] a, int[] b, int[] c, int[] d) {
        int[] first = triangle.first();
        int[] weights = triangle.weights();
        int taps = triangle.taps();
        int width = first.length;
        for (int x = 0; x < width; x++) {
            long redAb = HALVES;
            long greenAb = HALVES;
            long blueAb = HALVES;
            long redCd = HALVES;
            long greenCd = HALVES;
            long blueCd = HALVES;
            int from = first[x] * 3;
            int tap = x * taps;
            for (int end = tap + taps; tap < end; tap++) {
                long weight = weights[tap];
                redAb += upper[from] * weight;
                greenAb += upper[from + 1] * weight;
                blueAb += upper[from + 2] * weight;
                redCd += lower[from] * weight;
                greenCd += lower[from + 1] * weight;
                blueCd += lower[from + 2] * weight;
                from += 3;
            }
            a[x] = low(redAb);
            b[x] = high(redAb);
            c[x] = low(redCd);
            d[x] = high(redCd);
            a[width + x] = low(greenAb);
            b[width + x] = high(greenAb);
            c[width + x] = low(greenCd);
            d[width + x] = high(greenCd);
            a[2 * width + x] = low(blueAb);
            b[2 * width + x] = high(blueAb);
            c[2 * width + x] = low(blueCd);
            d[2 * width + x] = high(blueCd);
        }
    }

    private static int low(long sums) {
        return (int) sums >> TriangleWeights.BITS;
    }

    private static int high(long sums) {
        return (int) (sums >> HIGH_BITS);
    }

    /** Computes output row y, 0 to 255. */
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
        for (int i = 0; i < length; i++) {
            sums[i] >>= TriangleWeights.BITS;
        }
    }

    /** Adds weighted rows; the JIT vectorizes the loop because the index is the same in all arrays. */
    private static void add(int[] a, int weightOfA, int[] b, int weightOfB, int[] sums, int length) {
        for (int i = 0; i < length; i++) {
            sums[i] += a[i] * weightOfA + b[i] * weightOfB;
        }
    }
}
