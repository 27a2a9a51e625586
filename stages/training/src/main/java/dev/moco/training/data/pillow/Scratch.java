package dev.moco.training.data.pillow;

/** Working memory of one thread, kept between images: arrays of megabytes a view would burden the collector. */
final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
    private static final int SLOTS = 5;

    private final int[][] arrays = new int[SLOTS][0];

    private Scratch() {}

    /** At least {@code length} ints with any content; the same slot gives the same array until it must grow. */
    static int[] ints(int slot, int length) {
        int[][] arrays = OF_THREAD.get().arrays;
        if (arrays[slot].length < length) {
            arrays[slot] = new int[length];
        }
        return arrays[slot];
    }
}
