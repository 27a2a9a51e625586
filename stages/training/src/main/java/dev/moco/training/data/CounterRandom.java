package dev.moco.training.data;

import java.util.random.RandomGenerator;

/**
 * SplitMix64 as a function of (seed, counter): the numbers depend neither on the machine, nor on the thread, nor on the
 * order in which images are read. Not thread-safe; each thread has its own generator.
 */
public final class CounterRandom implements RandomGenerator {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long seed;
    private long drawn;

    public CounterRandom(long seed) {
        this.seed = seed;
    }

    /**
     * Returns the generator of a combination of keys, such as (seed, epoch, image, view); others are independent of it.
     */
    public static CounterRandom of(long seed, long... keys) {
        long hash = mix64(seed + GOLDEN);
        for (long key : keys) {
            hash = mix64(hash + mix64(key + GOLDEN) + GOLDEN);
        }
        return new CounterRandom(hash);
    }

    /** Finalizer of SplitMix64: a bijection in which each output bit depends on all input bits. */
    public static long mix64(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** Number at a position of a seed's sequence, in [0, 1) with 24 bits, so that float32 represents it exactly. */
    public static double uniform24(long seed, long index) {
        return (mix64(seed + (index + 1) * GOLDEN) >>> 40) * 0x1p-24;
    }

    @Override
    public long nextLong() {
        drawn++;
        return mix64(seed + drawn * GOLDEN);
    }

    /** Uniform in [low, high), with 53 bits. */
    public double uniform(double low, double high) {
        return low + nextDouble() * (high - low);
    }

    /** Draws true with the given probability. */
    public boolean bernoulli(double probability) {
        return nextDouble() < probability;
    }
}
