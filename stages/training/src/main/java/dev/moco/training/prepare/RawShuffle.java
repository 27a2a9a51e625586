package dev.moco.training.prepare;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Shuffles the training samples once, before they are divided into shards; a function of the seed and the listing. */
final class RawShuffle {
    private RawShuffle() {}

    /** Returns a view of the list in random order (Fisher-Yates shuffle). */
    static <T> List<T> of(List<T> sorted, long seed) {
        int[] order = IntStream.range(0, sorted.size()).toArray();
        SplittableRandom random = new SplittableRandom(seed);
        for (int last = order.length - 1; last > 0; last--) {
            int other = random.nextInt(last + 1);
            int moved = order[last];
            order[last] = order[other];
            order[other] = moved;
        }
        return new Shuffled<>(sorted, order);
    }

    private static final class Shuffled<T> extends AbstractList<T> implements RandomAccess {
        private final List<T> sorted;
        private final int[] order;

        Shuffled(List<T> sorted, int[] order) {
            this.sorted = sorted;
            this.order = order;
        }

        @Override
        public T get(int index) {
            return sorted.get(order[index]);
        }

        @Override
        public int size() {
            return order.length;
        }
    }
}
