package dev.moco.training.data.pillow;

import java.util.Arrays;

/** Working memory of one thread, kept between images: arrays of megabytes a view would burden the collector. */
final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
    private static final int SLOTS = 4;

    private final int[][][] rows = new int[SLOTS][0][];
    private int[] ints = {};
    private final long[][] longs = new long[2][0];
    private Planes planes = Planes.of(0, 0);

    private Scratch() {}

    /** Rows of at least {@code length} ints with any content; the same slot gives the same rows until they must grow. */
    static int[][] rows(int slot, int count, int length) {
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

    /** At least {@code length} ints with any content, the same array until it must grow. */
    static int[] ints(int length) {
        Scratch scratch = OF_THREAD.get();
        if (scratch.ints.length < length) {
            scratch.ints = new int[length];
        }
        return scratch.ints;
    }

    /** At least {@code length} longs with any content; the same slot gives the same array until it must grow. */
    static long[] longs(int slot, int length) {
        long[][] longs = OF_THREAD.get().longs;
        if (longs[slot].length < length) {
            longs[slot] = new long[length];
        }
        return longs[slot];
    }

    /** Planes with any content, the same until another size is asked for. */
    static Planes planes(int width, int height) {
        Scratch scratch = OF_THREAD.get();
        if (scratch.planes.width() != width || scratch.planes.height() != height) {
            scratch.planes = Planes.of(width, height);
        }
        return scratch.planes;
    }
}
