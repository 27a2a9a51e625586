package dev.moco.fullsize;

/** Numbers that look random and are a function of their arguments. */
final class Mix {
    private Mix() {}

    /** A number from 0 to {@code bound - 1}. */
    static int number(long seed, long index, int bound) {
        return (int) Math.floorMod(bits(seed * 0x9E3779B97F4A7C15L + index), (long) bound);
    }

    /** The finalizer of SplitMix64. */
    private static long bits(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
