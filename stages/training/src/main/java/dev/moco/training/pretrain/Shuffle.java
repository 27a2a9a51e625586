package dev.moco.training.pretrain;

import dev.moco.training.data.CounterRandom;

/** Permutations of Shuffle BN (docs/method.md §1.4): rank r of the key encoder encodes the r-th part of the permuted batch. */
public final class Shuffle {
    /** Random stream of the permutations, distinct from those of weights, queue, image order and views. */
    private static final long KEY = -2;

    private Shuffle() {}

    /** Draws the permutation of a step, a function of seed and step, so that a resumed run draws the same. */
    public static int[] of(long seed, long step, int batchSize) {
        CounterRandom random = CounterRandom.of(seed, KEY, step);
        int[] shuffle = new int[batchSize];
        for (int i = 0; i < batchSize; i++) {
            int chosen = random.nextInt(i + 1);
            shuffle[i] = shuffle[chosen];
            shuffle[chosen] = i;
        }
        return shuffle;
    }

    /** Returns the inverse permutation: the new position of each image of the batch. */
    public static int[] inverse(int[] shuffle) {
        int[] inverse = new int[shuffle.length];
        for (int i = 0; i < shuffle.length; i++) {
            inverse[shuffle[i]] = i;
        }
        return inverse;
    }
}
