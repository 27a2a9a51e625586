package dev.moco.training.weights;

import dev.moco.training.weights.input.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Visits the elements of a view in the order of the file, whatever the order of its axes is, so that a transposed matrix
 * is read once from start to end.
 */
final class ElementReader {
    private static final int CHUNK = 1 << 13;

    private final Bytes bytes;
    private final ByteBuffer window;
    private long windowStart;

    private ElementReader(TypedStorage storage) {
        this.bytes = storage.bytes();
        this.window = ByteBuffer.allocate(CHUNK).order(storage.order()).limit(0);
    }

    /** Takes the element at a position of a buffer, for an index in row order. */
    interface Visitor {
        void visit(ByteBuffer bytes, int position, int index);
    }

    static void read(TypedStorage storage, long offset, long[] shape, long[] strides, Visitor visitor)
            throws IOException {
        if (IntStream.range(0, shape.length).anyMatch(axis -> shape[axis] == 0)) {
            return;
        }
        new ElementReader(storage).visit(storage.type().bytes(), offset, shape, strides, visitor);
    }

    private void visit(int size, long offset, long[] shape, long[] strides, Visitor visitor) throws IOException {
        int[] axes = IntStream.range(0, shape.length)
                .boxed()
                .sorted(Comparator.comparingLong((Integer axis) -> strides[axis])
                        .reversed())
                .mapToInt(axis -> axis)
                .toArray();
        int[] rows = rowStrides(shape);
        long[] index = new long[shape.length];
        long at = offset;
        int to = 0;
        while (true) {
            visitor.visit(window, position(at * size, size), to);
            int last = axes.length - 1;
            // As an odometer: the axis with the smallest stride moves first.
            while (last >= 0 && index[axes[last]] == shape[axes[last]] - 1) {
                int axis = axes[last--];
                at -= index[axis] * strides[axis];
                to -= (int) index[axis] * rows[axis];
                index[axis] = 0;
            }
            if (last < 0) {
                return;
            }
            index[axes[last]]++;
            at += strides[axes[last]];
            to += rows[axes[last]];
        }
    }

    private static int[] rowStrides(long[] shape) {
        int[] rows = new int[shape.length];
        int stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            rows[axis] = stride;
            stride *= (int) shape[axis];
        }
        return rows;
    }

    /** Position in the window of an element, which is read if it is not there. */
    private int position(long from, int size) throws IOException {
        if (from < windowStart || from + size > windowStart + window.limit()) {
            window.clear().limit((int) Math.min(CHUNK, bytes.length() - from));
            bytes.fill(from, window, "a tensor");
            windowStart = from;
        }
        return (int) (from - windowStart);
    }
}
