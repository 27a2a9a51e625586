package dev.moco.training.data.pillow;

/**
 * Pillow's blend of a sample with a degenerate image's sample, in single precision; in integers where these give the
 * same result for each pair of samples, since that is faster.
 *
 * @param weight weight of the sample
 * @param high upper bits of the weight in 24-bit fixed point
 * @param low its lower 12 bits
 * @param integral true if integer arithmetic gives the same result for each pair of samples
 */
record Blend(float weight, int high, int low, boolean integral) {
    private static final int BITS = 12;
    private static final int MOST = 255;

    /**
     * Resolution of sums up to 256 in single precision; a fraction closer to the next integer would be rounded up to
     * it.
     */
    private static final float RESOLUTION = 0x1p-16f;

    static Blend of(double factor) {
        float weight = (float) factor;
        int fixed = (int) (weight * (1 << (2 * BITS)));
        Blend blend = new Blend(weight, fixed >> BITS, fixed & ((1 << BITS) - 1), true);
        for (int difference = -MOST; difference <= MOST; difference++) {
            float product = weight * difference;
            int shift = shift(blend.high, blend.low, difference);
            if (shift != Math.floor(product) || product - shift > 1 - RESOLUTION) {
                return new Blend(weight, 0, 0, false);
            }
        }
        return blend;
    }

    /** Blends of a degenerate sample with each of the 256 samples. */
    int[] table(int degenerate) {
        int[] table = new int[MOST + 1];
        for (int sample = 0; sample < table.length; sample++) {
            table[sample] = of(degenerate, sample);
        }
        return table;
    }

    /** Blends samples in place, each with the degenerate at the same index. */
    void with(int[] degenerates, int[] samples) {
        if (integral) {
            blend(degenerates, samples, high, low);
        } else {
            for (int i = 0; i < samples.length; i++) {
                samples[i] = of(degenerates[i], samples[i]);
            }
        }
    }

    private static void blend(int[] degenerates, int[] samples, int high, int low) {
        for (int i = 0; i < samples.length; i++) {
            int difference = samples[i] - degenerates[i];
            int blended = degenerates[i] + shift(high, low, difference);
            // Clamped by sign bits: the JIT does not vectorize Math.min and Math.max here.
            int positive = blended & ~(blended >> 31);
            int room = MOST - positive;
            samples[i] = positive + (room & room >> 31);
        }
    }

    /** Product of the weight and a difference, rounded down. */
    private static int shift(int high, int low, int difference) {
        return (high * difference + ((low * difference) >> BITS)) >> BITS;
    }

    private int of(int degenerate, int sample) {
        int blended = (int) (degenerate + weight * (sample - degenerate));
        return Math.min(Math.max(blended, 0), MOST);
    }
}
