package dev.moco.training.weights;

import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor in a file, whose numbers are read on demand. It may be a view into a storage that others share, with any
 * strides.
 */
public final class StoredTensor {
    private final TypedStorage storage;
    private final long offset;
    private final long[] shape;
    private final long[] strides;

    private StoredTensor(TypedStorage storage, long offset, long[] shape, long[] strides) {
        this.storage = storage;
        this.offset = offset;
        this.shape = shape;
        this.strides = strides;
    }

    /**
     * A view into a storage, in elements.
     *
     * @throws RefusedException bounds, if it reaches beyond the storage or has more elements
     */
    public static StoredTensor view(TypedStorage storage, long offset, long[] shape, long[] strides) {
        if (shape.length != strides.length) {
            throw new RefusedException(
                    Reason.BOUNDS, "a tensor has " + shape.length + " sizes but " + strides.length + " strides");
        }
        long elements = elements(shape);
        if (elements > storage.elements()) {
            throw new RefusedException(
                    Reason.BOUNDS,
                    "a tensor of shape " + Arrays.toString(shape) + " is over a storage of " + storage.elements()
                            + " elements");
        }
        long last = offset;
        for (int axis = 0; axis < shape.length && elements > 0; axis++) {
            last = plus(last, times(shape[axis] - 1, strides[axis]));
        }
        if (elements > 0 ? last >= storage.elements() : offset > storage.elements()) {
            throw new RefusedException(
                    Reason.BOUNDS,
                    "a tensor of shape " + Arrays.toString(shape) + ", strides " + Arrays.toString(strides)
                            + " and offset " + offset + " reaches beyond its storage of " + storage.elements()
                            + " elements");
        }
        return new StoredTensor(storage, offset, shape, strides);
    }

    /**
     * A tensor that fills its bytes.
     *
     * @param fortran true if the first axis is the fastest
     * @throws RefusedException bounds, if the shape needs more or fewer bytes
     */
    public static StoredTensor of(TypedStorage storage, long[] shape, boolean fortran) {
        long elements = elements(shape);
        if (elements != storage.elements()) {
            throw new RefusedException(
                    Reason.BOUNDS,
                    "an array of shape " + Arrays.toString(shape) + " is over " + storage.elements() + " elements");
        }
        return new StoredTensor(storage, 0, shape, strides(shape, fortran));
    }

    private static long[] strides(long[] shape, boolean fortran) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = 0; i < shape.length; i++) {
            int axis = fortran ? i : shape.length - 1 - i;
            strides[axis] = stride;
            stride = times(stride, shape[axis]);
        }
        return strides;
    }

    /** Product of sizes, or the largest long. */
    private static long elements(long[] shape) {
        long elements = 1;
        for (long size : shape) {
            if (size == 0) {
                return 0;
            }
            elements = times(elements, size);
        }
        return elements;
    }

    /** Product of numbers that are not negative, or the largest long. */
    private static long times(long a, long b) {
        return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
    }

    private static long plus(long a, long b) {
        return a + b < 0 ? Long.MAX_VALUE : a + b;
    }

    public ElementType type() {
        return storage.type();
    }

    public List<Long> shape() {
        return Arrays.stream(shape).boxed().toList();
    }

    /** Number of elements. */
    public long size() {
        return elements(shape);
    }

    /** Reads numbers of a floating type in row order, rounded to float32. */
    public float[] floats() throws IOException {
        if (!type().isFloat()) {
            throw new RefusedException(Reason.DTYPE, "must be of a floating type, found " + type().id());
        }
        float[] values = new float[length()];
        ElementReader.read(
                storage, offset, shape, strides, (bytes, position, to) -> values[to] = type().floatAt(bytes, position));
        return values;
    }

    /** Reads whole numbers in row order. */
    public long[] wholes() throws IOException {
        if (type().isFloat()) {
            throw new RefusedException(Reason.DTYPE, "must be of an integer type, found " + type().id());
        }
        long[] values = new long[length()];
        ElementReader.read(
                storage, offset, shape, strides, (bytes, position, to) -> values[to] = type().wholeAt(bytes, position));
        return values;
    }

    /** Length of an array of the numbers. The storage has them, so no more is allocated than the file has. */
    private int length() {
        if (size() > FloatBytes.MAX_NUMBERS) {
            throw new RefusedException(
                    Reason.LENGTH, "must have at most " + FloatBytes.MAX_NUMBERS + " numbers, found " + size());
        }
        return (int) size();
    }
}
