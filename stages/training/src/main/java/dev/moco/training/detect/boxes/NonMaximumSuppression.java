package dev.moco.training.detect.boxes;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Greedy non-maximum suppression (NMS): drops a box if its IoU with a kept box of a higher score is above the threshold;
 * a box exactly at the threshold stays.
 */
public final class NonMaximumSuppression {
    private NonMaximumSuppression() {}

    /** Indices of the boxes kept, highest score first, at most {@code limit}; boxes of equal score keep their order. */
    static int[] nms(Boxes boxes, float[] scores, double threshold, int limit) {
        return nms(boxes, scores, new int[scores.length], threshold, limit);
    }

    /** The same for each class on its own: a box suppresses only boxes of its class. */
    public static int[] nms(Boxes boxes, float[] scores, int[] classes, double threshold, int limit) {
        int[] kept = new int[Math.min(limit, boxes.size())];
        KeptBoxes suppressing = new KeptBoxes(boxes, classes, threshold);
        int count = 0;
        for (int candidate : best(scores, boxes.size())) {
            if (count == kept.length) {
                break;
            }
            if (!suppressing.suppress(candidate)) {
                suppressing.add(candidate);
                kept[count++] = candidate;
            }
        }
        return Arrays.copyOf(kept, count);
    }

    /** Indices of the {@code limit} highest scores, highest first; equal scores keep their order. */
    static int[] best(float[] scores, int limit) {
        // A long that sorts by descending score, then by ascending index: no comparator and no boxed numbers.
        long[] keys = IntStream.range(0, scores.length)
                .mapToLong(i -> ((long) ~ordered(scores[i]) << 32) | i)
                .toArray();
        Arrays.sort(keys);
        return Arrays.stream(keys).limit(limit).mapToInt(key -> (int) key).toArray();
    }

    /** Bits of a float as an int that sorts like the float. */
    private static int ordered(float score) {
        int bits = Float.floatToIntBits(score + 0f); // makes 0 of -0, which is an equal score
        return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
    }
}
