package dev.moco.training.detect.boxes;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Greedy non-maximum suppression: a box goes if its IoU with a better kept one is above the threshold, not at it. */
public final class Suppression {
    private Suppression() {}

    /** Indices of the boxes kept, best score first, at most {@code limit}; equal scores keep their order. */
    static int[] keep(Boxes boxes, float[] scores, double threshold, int limit) {
        return keep(boxes, scores, new int[scores.length], threshold, limit);
    }

    /** The same within each class: boxes of different classes leave each other alone. */
    public static int[] keep(Boxes boxes, float[] scores, int[] classes, double threshold, int limit) {
        int[] kept = new int[Math.min(limit, boxes.size())];
        int count = 0;
        for (int candidate : best(scores, boxes.size())) {
            if (count == kept.length) {
                break;
            }
            if (survives(boxes, candidate, classes, kept, count, threshold)) {
                kept[count++] = candidate;
            }
        }
        return Arrays.copyOf(kept, count);
    }

    private static boolean survives(
            Boxes boxes, int candidate, int[] classes, int[] kept, int count, double threshold) {
        for (int i = 0; i < count; i++) {
            if (classes[kept[i]] == classes[candidate] && boxes.iou(kept[i], boxes, candidate) > threshold) {
                return false;
            }
        }
        return true;
    }

    /** Indices of the {@code limit} best scores, best first; equal scores keep their order. */
    static int[] best(float[] scores, int limit) {
        // A long that sorts as (score descending, index ascending), so that no comparator and no boxing is needed.
        long[] keys = IntStream.range(0, scores.length)
                .mapToLong(i -> ((long) ~ordered(scores[i]) << 32) | i)
                .toArray();
        Arrays.sort(keys);
        return Arrays.stream(keys).limit(limit).mapToInt(key -> (int) key).toArray();
    }

    /** Bits of a float as an int that sorts as the float does. */
    private static int ordered(float score) {
        int bits = Float.floatToIntBits(score + 0f); // -0 to 0: they are equal scores
        return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
    }
}
