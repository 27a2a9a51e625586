package dev.moco.training.detect.boxes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NonMaximumSuppressionTest {
    /** Comparing each box with every kept one gives the same, whatever boxes there are. */
    @ParameterizedTest(name = "threshold {0}, {1} boxes of {2} classes, of {3} to {4} pixels")
    @CsvSource({
        "0.7, 3000, 1, 8, 600",
        "0.7, 3000, 1, 1, 30",
        "0.5, 2000, 3, 8, 300",
        "0.5, 2000, 20, 100, 900",
        "0.3, 1000, 1, 1, 2000",
        "0.1, 1000, 2, 4, 100",
        "0.05, 500, 1, 4, 100",
        "0, 500, 1, 4, 100",
        "1, 500, 1, 4, 8",
        "0.7, 1, 1, 4, 8",
        "0.7, 0, 1, 4, 8",
    })
    void keepsWhatComparingAllPairsKeeps(double threshold, int count, int classes, double least, double most) {
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            double[] corners = new double[4 * count];
            float[] scores = new float[count];
            int[] labels = new int[count];
            for (int box = 0; box < count; box++) {
                double width = least + random.nextDouble() * (most - least);
                double height = least + random.nextDouble() * (most - least);
                // Whole pixels, so that many boxes are equal, touch, or are exactly at a threshold; some are clipped to
                // nothing.
                double left = Math.rint(random.nextDouble() * 1333 - width / 2);
                double top = Math.rint(random.nextDouble() * 800 - height / 2);
                corners[4 * box] = clip(left, 1333);
                corners[4 * box + 1] = clip(top, 800);
                corners[4 * box + 2] = clip(left + Math.rint(width), 1333);
                corners[4 * box + 3] = clip(top + Math.rint(height), 800);
                scores[box] = random.nextInt(200) / 200f;
                labels[box] = random.nextInt(classes);
            }
            if (count > 100) {
                corners[4 * 17] = Double.NaN;
                corners[4 * 31 + 3] = Double.NaN;
            }
            Boxes boxes = new Boxes(corners);
            assertThat(NonMaximumSuppression.nms(boxes, scores, labels, threshold, count))
                    .containsExactly(allPairs(boxes, scores, labels, threshold));
            assertThat(NonMaximumSuppression.nms(boxes, scores, labels, threshold, 7))
                    .hasSizeLessThanOrEqualTo(7);
        }
    }

    private static double clip(double value, double most) {
        return Math.min(Math.max(value, 0), most);
    }

    private static int[] allPairs(Boxes boxes, float[] scores, int[] labels, double threshold) {
        List<Integer> kept = new ArrayList<>();
        IntStream.range(0, scores.length)
                .boxed()
                .sorted((a, b) -> Float.compare(scores[b], scores[a]))
                .forEach(box -> {
                    if (kept.stream()
                            .noneMatch(other ->
                                    labels[other] == labels[box] && boxes.iou(other, boxes, box) > threshold)) {
                        kept.add(box);
                    }
                });
        return kept.stream().mapToInt(box -> box).toArray();
    }
}
