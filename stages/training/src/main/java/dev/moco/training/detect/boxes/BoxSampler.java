package dev.moco.training.detect.boxes;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Draws the boxes of an image that enter a loss.
 *
 * @param size boxes drawn, where there are enough
 * @param positiveFraction largest share of positives
 */
public record BoxSampler(int size, double positiveFraction) {
    /** Indices drawn, ascending. */
    @SuppressWarnings("ArrayRecordComponent") // indices into arrays
    public record Drawn(int[] positives, int[] negatives) {
        public long[] positivesFirst() {
            return IntStream.concat(Arrays.stream(positives), Arrays.stream(negatives))
                    .asLongStream()
                    .toArray();
        }
    }

    /** @param labels {@link Matcher}'s */
    Drawn draw(int[] labels, RandomGenerator random) {
        int[] positives = indices(labels, Matcher.POSITIVE);
        int[] negatives = indices(labels, Matcher.NEGATIVE);
        SampleSize sample = SampleSize.of(size, positiveFraction, positives.length, negatives.length);
        return new Drawn(choose(positives, sample.positives(), random), choose(negatives, sample.negatives(), random));
    }

    private static int[] indices(int[] labels, int label) {
        return IntStream.range(0, labels.length).filter(i -> labels[i] == label).toArray();
    }

    /** A uniform subset: the first {@code count} places of a Fisher-Yates shuffle. */
    private static int[] choose(int[] from, int count, RandomGenerator random) {
        for (int i = 0; i < count; i++) {
            int other = random.nextInt(i, from.length);
            int chosen = from[other];
            from[other] = from[i];
            from[i] = chosen;
        }
        int[] drawn = Arrays.copyOf(from, count);
        Arrays.sort(drawn);
        return drawn;
    }
}
