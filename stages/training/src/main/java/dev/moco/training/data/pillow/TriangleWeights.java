package dev.moco.training.data.pillow;

/**
 * Weights of Pillow's antialiased bilinear filter along one axis, for a range of output pixels.
 *
 * @param first first input pixel of each output pixel
 * @param count input pixels of each output pixel
 * @param weights fixed-point weights, {@code taps} for each output pixel; those beyond its count are 0
 * @param taps the largest count
 */
@SuppressWarnings("ArrayRecordComponent") // package-private, and made once for each resize
record TriangleWeights(int[] first, int[] count, int[] weights, int taps) {
    /** Fraction bits of a weight; the sum of 255 times all weights fits an int. */
    static final int BITS = 32 - 8 - 2;

    static final int HALF = 1 << (BITS - 1);

    /** Computes the weights of output pixels {@code from} to {@code from + length - 1} of an axis. */
    static TriangleWeights of(int input, int output, int from, int length) {
        double scale = (double) input / output;
        double support = Math.max(scale, 1.0);
        int[] first = new int[length];
        int[] count = new int[length];
        int taps = 0;
        for (int i = 0; i < length; i++) {
            double center = center(from + i, scale);
            first[i] = Math.max((int) (center - support + 0.5), 0);
            count[i] = Math.min((int) (center + support + 0.5), input) - first[i];
            taps = Math.max(taps, count[i]);
        }
        int[] weights = new int[length * taps];
        double[] exact = new double[taps];
        for (int i = 0; i < length; i++) {
            double sum = 0;
            for (int tap = 0; tap < count[i]; tap++) {
                double distance = Math.abs((tap + first[i] - center(from + i, scale) + 0.5) * (1.0 / support));
                exact[tap] = distance < 1.0 ? 1.0 - distance : 0.0;
                sum += exact[tap];
            }
            for (int tap = 0; tap < count[i]; tap++) {
                weights[i * taps + tap] = (int) (0.5 + exact[tap] / sum * (1 << BITS));
            }
        }
        return new TriangleWeights(first, count, weights, taps);
    }

    private static double center(int pixel, double scale) {
        return (pixel + 0.5) * scale;
    }

    /** Index of the first input pixel that no output pixel needs. */
    int end() {
        int last = first.length - 1;
        return first[last] + count[last];
    }
}
