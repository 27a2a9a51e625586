package dev.moco.training.data.pillow;

import java.util.Arrays;

/**
 * Buffers of one thread, reused for each image: new arrays of megabytes for each view would burden the garbage
 * collector.
 */
final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
    private static final int SLOTS = 4;
    /** Rows that take more, which few images need, are not kept: each thread would keep those of its largest image. */
    private static final long MAX_KEPT_BYTES = 8 << 20;

    private final int[][][] rows = new int[SLOTS][0][];
    private int[] ints = {};
    private final long[][] longs = new long[2][0];
    private Planes planes = Planes.of(0, 0);

    private Scratch() {}

    /**
     * Returns rows of at least {@code length} ints with arbitrary content; a slot's rows are reused by its next call.
     */
    static int[][] rows(int slot, int count, int length) {
        if ((long) count * length * Integer.BYTES > MAX_KEPT_BYTES) {
            return new int[count][length];
        }
        int[][][] kept = OF_THREAD.get().rows;
        if (kept[slot].length < count) {
            kept[slot] = Arrays.copyOf(kept[slot], count);
        }
        int[][] rows = kept[slot];
        for (int i = 0; i < count; i++) {
            if (rows[i] == null || rows[i].length < length) {
                rows[i] = new int[length];
            }
        }
        return rows;
    }

    /** Returns at least {@code length} ints with arbitrary content; the array is reused by the next call. */
    static int[] ints(int length) {
        Scratch scratch = OF_THREAD.get();
        if (scratch.ints.length < length) {
            scratch.ints = new int[length];
        }
        return scratch.ints;
    }

    /** Returns at least {@code length} longs with arbitrary content; a slot's array is reused by its next call. */
    static long[] longs(int slot, int length) {
        long[][] longs = OF_THREAD.get().longs;
        if (longs[slot].length < length) {
            longs[slot] = new long[length];
        }
        return longs[slot];
    }

    /** Returns planes with arbitrary content; they are reused by the next call. */
    static Planes planes(int width, int height) {
        Scratch scratch = OF_THREAD.get();
        if (scratch.planes.width() != width || scratch.planes.height() != height) {
            scratch.planes = Planes.of(width, height);
        }
        return scratch.planes;
    }
}
