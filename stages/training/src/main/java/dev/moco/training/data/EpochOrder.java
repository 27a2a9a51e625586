package dev.moco.training.data;

/** The order of an epoch's images: a function of seed and epoch alone, so any step of it can be resumed at. */
public final class EpochOrder {
    /** Keeps the order's numbers apart from those of the views, which have an image's index here. */
    private static final long ORDER = -1;

    private EpochOrder() {}

    /** A uniform permutation of 0 to images - 1 (Fisher-Yates). */
    public static int[] of(long seed, int epoch, int images) {
        int[] order = natural(images);
        CounterRandom random = CounterRandom.of(seed, epoch, ORDER);
        for (int last = images - 1; last > 0; last--) {
            int chosen = random.nextInt(last + 1);
            int index = order[chosen];
            order[chosen] = order[last];
            order[last] = index;
        }
        return order;
    }

    /** 0 to images - 1, as evaluation reads them. */
    public static int[] natural(int images) {
        int[] order = new int[images];
        for (int i = 0; i < images; i++) {
            order[i] = i;
        }
        return order;
    }
}
