package dev.moco.training.data.pillow;

/**
 * Pillow's blend of a sample with its degenerate, in single precision.
 *
 * @param weight of the sample
 * @param high upper bits of the weight in 24-bit fixed point, of which whole numbers make the blend too
 * @param low its lower 12 bits
 * @param whole whether whole numbers make the same of every pair of samples
 */
record Blend(float weight, int high, int low, boolean whole) {
    private static final int BITS = 12;
    private static final int MOST = 255;

    /** Sums up to 256 are kept to this in single precision: nothing closer to the next whole number below may be added. */
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

    /** Blends of a degenerate with all samples. */
    int[] table(int degenerate) {
        int[] table = new int[MOST + 1];
        for (int sample = 0; sample < table.length; sample++) {
            table[sample] = of(degenerate, sample);
        }
        return table;
    }

    /** Blends samples in place, each with the degenerate at its place. */
    void with(int[] degenerates, int[] samples) {
        if (whole) {
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
            // Cut by sign bits: minimum and maximum do not become vector instructions.
            int positive = blended & ~(blended >> 31);
            int room = MOST - positive;
            samples[i] = positive + (room & room >> 31);
        }
    }

    /** What a difference from the degenerate adds to it, rounded down. */
    private static int shift(int high, int low, int difference) {
        return (high * difference + ((low * difference) >> BITS)) >> BITS;
    }

    private int of(int degenerate, int sample) {
        int blended = (int) (degenerate + weight * (sample - degenerate));
        return Math.min(Math.max(blended, 0), MOST);
    }
}
