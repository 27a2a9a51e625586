package dev.moco.training.data.pillow;

/**
 * Pillow's GaussianBlur: three extended box blurs a direction, edge pixels repeated, rounded to 8 bits after each pass
 * (RECIPE §1.9).
 */
public final class GaussianBlur {
    private static final int PASSES = 3;
    private static final int BITS = 24;
    private static final int HALF = 1 << (BITS - 1);

    private GaussianBlur() {}

    /**
     * One pass of a blur, in 24-bit fixed point.
     *
     * @param radius pixels of full weight on either side
     * @param weight of each of these, and of the pixel itself
     * @param edgeWeight of the next pixel on either side
     */
    public record BlurBox(int radius, int weight, int edgeWeight) {
        public static BlurBox of(double sigma) {
            float boxRadius = boxRadius(sigma);
            int radius = (int) boxRadius;
            int weight = (int) ((1 << BITS) / (boxRadius * 2 + 1));
            return new BlurBox(radius, weight, ((1 << BITS) - (radius * 2 + 1) * weight) / 2);
        }

        /** Weight of the two pixels at a distance, or of the pixel itself at 0. */
        public int weightAt(int distance) {
            return distance <= radius ? weight : distance == radius + 1 ? edgeWeight : 0;
        }
    }

    /** Blurs height x width x 3 bytes in place. */
    public static void blur(byte[] rgb, int width, int height, double sigma) {
        if (sigma <= 0) {
            return;
        }
        BlurBox box = BlurBox.of(sigma);
        int radius = box.radius();
        int weight = box.weight();
        int edgeWeight = box.edgeWeight();
        int pitch = width * 3;
        int[] rows = Scratch.ints(0, pitch * height);
        for (int y = 0; y < height; y++) {
            blurRow(rgb, y * pitch, width, radius, weight, edgeWeight, rows);
        }
        int[] from = rows;
        int[] to = Scratch.ints(1, pitch * height);
        for (int pass = 0; pass < PASSES; pass++) {
            blurColumns(from, to, pitch, height, radius, weight, edgeWeight);
            int[] blurred = to;
            to = from;
            from = blurred;
        }
        for (int i = 0; i < pitch * height; i++) {
            rgb[i] = (byte) from[i];
        }
    }

    /** Radius of the box whose three passes have the variance of a Gaussian: whole pixels and a fraction. */
    static float boxRadius(double sigma) {
        float variance = (float) sigma * (float) sigma / PASSES;
        float length = (float) Math.sqrt(12.0 * variance + 1.0);
        float whole = (float) Math.floor((length - 1.0) / 2.0);
        float fraction = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
        fraction /= 6 * (variance - (whole + 1) * (whole + 1));
        return whole + fraction;
    }

    private static void blurRow(byte[] rgb, int at, int width, int radius, int weight, int edgeWeight, int[] rows) {
        int pad = (radius + 1) * 3;
        int pitch = width * 3;
        int[] sums = Scratch.ints(2, pitch);
        int[] from = Scratch.ints(3, pitch + 2 * pad);
        int[] to = Scratch.ints(4, pitch + 2 * pad);
        for (int i = 0; i < pitch; i++) {
            from[pad + i] = rgb[at + i] & 0xff;
        }
        for (int pass = 0; pass < PASSES; pass++) {
            repeatEdges(from, pitch, pad);
            System.arraycopy(from, pad, sums, 0, pitch);
            for (int step = 3; step < pad; step += 3) {
                add(from, pad - step, pad + step, sums, pitch);
            }
            weigh(from, 0, 2 * pad, sums, to, pad, pitch, weight, edgeWeight);
            int[] blurred = to;
            to = from;
            from = blurred;
        }
        System.arraycopy(from, pad, rows, at, pitch);
    }

    private static void repeatEdges(int[] line, int pitch, int pad) {
        for (int i = 0; i < pad; i++) {
            line[i] = line[pad + i % 3];
            line[pad + pitch + i] = line[pad + pitch - 3 + i % 3];
        }
    }

    private static void blurColumns(
            int[] from, int[] to, int pitch, int height, int radius, int weight, int edgeWeight) {
        int[] sums = Scratch.ints(2, pitch);
        for (int y = 0; y < height; y++) {
            System.arraycopy(from, y * pitch, sums, 0, pitch);
            for (int step = 1; step <= radius; step++) {
                add(from, row(y - step, height) * pitch, row(y + step, height) * pitch, sums, pitch);
            }
            int above = row(y - radius - 1, height) * pitch;
            int below = row(y + radius + 1, height) * pitch;
            weigh(from, above, below, sums, to, y * pitch, pitch, weight, edgeWeight);
        }
    }

    private static int row(int y, int height) {
        return Math.min(Math.max(y, 0), height - 1);
    }

    private static void add(int[] samples, int before, int after, int[] sums, int length) {
        for (int i = 0; i < length; i++) {
            sums[i] += samples[before + i] + samples[after + i];
        }
    }

    /** The sum may exceed 31 bits but never 32: the shift is unsigned. */
    private static void weigh(
            int[] samples,
            int before,
            int after,
            int[] sums,
            int[] to,
            int at,
            int length,
            int weight,
            int edgeWeight) {
        for (int i = 0; i < length; i++) {
            to[at + i] = (weight * sums[i] + edgeWeight * (samples[before + i] + samples[after + i]) + HALF) >>> BITS;
        }
    }
}
