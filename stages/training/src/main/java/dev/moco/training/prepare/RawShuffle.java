package dev.moco.training.prepare;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Shuffles the training samples once, before they are divided into shards; a function of the seed and the listing. */
final class RawShuffle {
    private RawShuffle() {}

    /** Returns the list in random order (Fisher-Yates shuffle). */
    static <T> List<T> of(List<T> sorted, long seed) {
        List<T> shuffled = new ArrayList<>(sorted);
        SplittableRandom random = new SplittableRandom(seed);
        for (int last = shuffled.size() - 1; last > 0; last--) {
            Collections.swap(shuffled, last, random.nextInt(last + 1));
        }
        return shuffled;
    }
}
