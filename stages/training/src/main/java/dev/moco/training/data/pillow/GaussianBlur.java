package dev.moco.training.data.pillow;

/**
 * Pillow's GaussianBlur: three extended box blurs in each direction, edge pixels repeated, rounded to 8 bits after each
 * pass (docs/method.md §1.9).
 */
public final class GaussianBlur {
    private static final int PASSES = 3;
    private static final int BITS = 24;
    private static final int HALF = 1 << (BITS - 1);

    private GaussianBlur() {}

    /**
     * One pass of a blur, in 24-bit fixed point.
     *
     * @param radius pixels of full weight on each side
     * @param weight weight of these pixels and of the center
     * @param edgeWeight weight of the next pixel on each side
     */
    public record BlurBox(int radius, int weight, int edgeWeight) {
        public static BlurBox of(double sigma) {
            float boxRadius = boxRadius(sigma);
            int radius = (int) boxRadius;
            int weight = (int) ((1 << BITS) / (boxRadius * 2 + 1));
            return new BlurBox(radius, weight, ((1 << BITS) - (radius * 2 + 1) * weight) / 2);
        }

        /** Weight of the pixels at a distance from the center. */
        public int weightAt(int distance) {
            return distance <= radius ? weight : distance == radius + 1 ? edgeWeight : 0;
        }
    }

    /** Blurs in place. */
    public static void blur(Planes image, double sigma) {
        if (sigma <= 0) {
            return;
        }
        BlurBox box = BlurBox.of(sigma);
        int pitch = image.width() * 3;
        int[][] from = Scratch.rows(0, image.height(), pitch);
        int[][] to = Scratch.rows(1, image.height(), pitch);
        for (int y = 0; y < image.height(); y++) {
            image.get(y, from[y]);
            blurRow(box, from[y], to[y], image.width());
        }
        for (int pass = 0; pass < PASSES; pass++) {
            // The last pass of blurRow wrote to the rows of to, as the number of passes is odd.
            int[][] blurred = from;
            from = to;
            to = blurred;
            blurColumns(from, to, box, image.height(), pitch);
        }
        for (int y = 0; y < image.height(); y++) {
            image.put(y, to[y]);
        }
    }

    /** Radius, with a fraction, of the box whose three passes have the variance of a Gaussian. */
    static float boxRadius(double sigma) {
        float variance = (float) sigma * (float) sigma / PASSES;
        float length = (float) Math.sqrt(12.0 * variance + 1.0);
        float whole = (float) Math.floor((length - 1.0) / 2.0);
        float fraction = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
        fraction /= 6 * (variance - (whole + 1) * (whole + 1));
        return whole + fraction;
    }

    /**
     * Blurs one row, which holds its reds, greens and blues one after the other; the last pass writes to {@code to}.
     */
    private static void blurRow(BlurBox box, int[] from, int[] to, int width) {
        int pitch = width * 3;
        int edge = box.radius() + 1;
        int[][] before = Scratch.rows(2, edge, pitch);
        int[][] after = Scratch.rows(3, edge, pitch);
        int[] sums = Scratch.ints(pitch);
        for (int pass = 0; pass < PASSES; pass++) {
            for (int distance = 1; distance <= edge; distance++) {
                shift(from, width, Math.min(distance, width - 1), before[distance - 1], after[distance - 1]);
            }
            int[] center = from;
            for (int distance = 1; distance <= box.radius(); distance++) {
                add(center, before[distance - 1], after[distance - 1], sums, pitch);
                center = sums;
            }
            weigh(center, box.weight(), before[edge - 1], after[edge - 1], box.edgeWeight(), to, pitch);
            int[] blurred = to;
            to = from;
            from = blurred;
        }
    }

    /** Copies the samples shifted by some places in both directions; edges are repeated. */
    private static void shift(int[] samples, int width, int places, int[] before, int[] after) {
        int pitch = width * 3;
        System.arraycopy(samples, 0, before, places, pitch - places);
        System.arraycopy(samples, places, after, 0, pitch - places);
        for (int start = 0; start < pitch; start += width) {
            int last = start + width - 1;
            for (int i = 0; i < places; i++) {
                before[start + i] = samples[start];
                after[last - i] = samples[last];
            }
        }
    }

    private static void blurColumns(int[][] from, int[][] to, BlurBox box, int height, int pitch) {
        int[] sums = Scratch.ints(pitch);
        int edge = box.radius() + 1;
        int last = height - 1;
        for (int y = 0; y <= last; y++) {
            int[] center = from[y];
            for (int distance = 1; distance <= box.radius(); distance++) {
                add(center, from[Math.max(y - distance, 0)], from[Math.min(y + distance, last)], sums, pitch);
                center = sums;
            }
            int[] above = from[Math.max(y - edge, 0)];
            int[] below = from[Math.min(y + edge, last)];
            weigh(center, box.weight(), above, below, box.edgeWeight(), to[y], pitch);
        }
    }

    // The JIT vectorizes both loops because the index is the same in all arrays.

    private static void add(int[] center, int[] before, int[] after, int[] sums, int length) {
        for (int i = 0; i < length; i++) {
            sums[i] = center[i] + before[i] + after[i];
        }
    }

    /** Computes weighted sums; they may need 32 bits, so the shift is unsigned. */
    private static void weigh(
            int[] center, int weight, int[] before, int[] after, int edgeWeight, int[] to, int length) {
        for (int i = 0; i < length; i++) {
            to[i] = (weight * center[i] + edgeWeight * (before[i] + after[i]) + HALF) >>> BITS;
        }
    }
}
