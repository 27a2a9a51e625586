package dev.moco.training.data;

/** Order of an epoch's images: a function of seed and epoch alone, so that a run can resume at any step. */
public final class EpochOrder {
    /** Third key of the generator; views have the image's index there, so the two never share numbers. */
    private static final long ORDER = -1;

    private EpochOrder() {}

    /** Draws a uniform permutation of 0 to images - 1 (Fisher-Yates). */
    public static int[] of(long seed, int epoch, int images) {
        int[] order = sequential(images);
        CounterRandom random = CounterRandom.of(seed, epoch, ORDER);
        for (int last = images - 1; last > 0; last--) {
            int chosen = random.nextInt(last + 1);
            int index = order[chosen];
            order[chosen] = order[last];
            order[last] = index;
        }
        return order;
    }

    /** Returns 0 to images - 1 in ascending order, for evaluation. */
    public static int[] sequential(int images) {
        int[] order = new int[images];
        for (int i = 0; i < images; i++) {
            order[i] = i;
        }
        return order;
    }
}
