package dev.moco.fullsize;

import java.util.Arrays;

/** Images by their places in an object: twelve bytes of memory for each. */
final class PlacedImages {
    private long[] starts = new long[16];
    private int[] numbers = new int[16];
    private int count;

    void add(long start, int number) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            numbers = Arrays.copyOf(numbers, 2 * count);
        }
        starts[count] = start;
        numbers[count++] = number;
    }

    void addAll(PlacedImages other, long offset) {
        for (int i = 0; i < other.count; i++) {
            add(other.starts[i] + offset, other.numbers[i]);
        }
    }

    void trim() {
        starts = Arrays.copyOf(starts, count);
        numbers = Arrays.copyOf(numbers, count);
    }

    int count() {
        return count;
    }

    long start(int image) {
        return starts[image];
    }

    int number(int image) {
        return numbers[image];
    }

    /** The last image that begins at or before an offset; -1 if there is none. */
    int at(long offset) {
        int found = Arrays.binarySearch(starts, 0, count, offset);
        return found >= 0 ? found : -found - 2;
    }
}
