package dev.moco.training.detect.boxes;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Draws at random the boxes of an image that contribute to a loss.
 *
 * @param size number of boxes to draw; all boxes if there are fewer
 * @param positiveFraction maximum share of positive boxes among them
 */
public record BoxSampler(int size, double positiveFraction) {
    /** Indices of the boxes drawn, in ascending order. */
    @SuppressWarnings("ArrayRecordComponent") // indices into arrays
    public record Drawn(int[] positives, int[] negatives) {
        public long[] positivesFirst() {
            return IntStream.concat(Arrays.stream(positives), Arrays.stream(negatives))
                    .asLongStream()
                    .toArray();
        }
    }

    /** @param labels labels of the boxes, as {@link Matcher} assigns them */
    Drawn draw(int[] labels, RandomGenerator random) {
        int[] positives = indices(labels, Matcher.POSITIVE);
        int[] negatives = indices(labels, Matcher.NEGATIVE);
        SampleSize sample = SampleSize.of(size, positiveFraction, positives.length, negatives.length);
        return new Drawn(choose(positives, sample.positives(), random), choose(negatives, sample.negatives(), random));
    }

    private static int[] indices(int[] labels, int label) {
        return IntStream.range(0, labels.length).filter(i -> labels[i] == label).toArray();
    }

    /** Draws a subset uniformly: the first {@code count} places of a Fisher-Yates shuffle. */
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
