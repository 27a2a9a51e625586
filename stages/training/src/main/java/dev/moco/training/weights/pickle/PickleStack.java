package dev.moco.training.weights.pickle;

import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stack, marks and memo of a pickle, and what its values take in memory; each is bounded. */
final class PickleStack {
    private static final int VALUES = 200_000;
    private static final int MEMO = 1_000_000;
    /** Most bytes of all values, estimated: a checkpoint of ResNet-152 with its optimizer makes a tenth. */
    private static final long MEMORY = 32 << 20;

    private final List<Object> values = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private @Nullable Object[] memo = new Object[16];
    private int memorized;
    private long memory;

    /** Counts the memory of a value that is about to be made. */
    void spend(long bytes) {
        memory += bytes;
        if (memory > MEMORY) {
            throw new RefusedException(
                    Reason.LENGTH, "the values of a pickle must take at most " + (MEMORY >> 20) + " MiB, found more");
        }
    }

    void push(Object value) {
        if (values.size() >= VALUES) {
            throw new RefusedException(Reason.STACK, "the stack must have at most " + VALUES + " values, found more");
        }
        values.add(value);
    }

    Object pop() {
        checkNotEmpty();
        return values.remove(values.size() - 1);
    }

    Object top() {
        checkNotEmpty();
        return values.get(values.size() - 1);
    }

    /** Values below the last mark belong to something that is not complete. */
    private void checkNotEmpty() {
        if (values.size() <= (marks.isEmpty() ? 0 : marks.get(marks.size() - 1))) {
            throw new RefusedException(Reason.STACK, "the pickle takes a value from an empty stack");
        }
    }

    void mark() {
        if (marks.size() >= VALUES) {
            throw new RefusedException(Reason.STACK, "the stack must have at most " + VALUES + " marks, found more");
        }
        marks.add(values.size());
    }

    /** Pops the values above the last mark. */
    List<Object> popToMark() {
        if (marks.isEmpty()) {
            throw new RefusedException(Reason.STACK, "the pickle takes values up to a mark, but there is none");
        }
        List<Object> above = values.subList(marks.remove(marks.size() - 1), values.size());
        List<Object> popped = new ArrayList<>(above);
        above.clear();
        return popped;
    }

    /** The result, which must be the only value. */
    Object result() {
        Object result = pop();
        if (!values.isEmpty() || !marks.isEmpty()) {
            throw new RefusedException(
                    Reason.STACK,
                    "the pickle leaves " + values.size() + " values and " + marks.size() + " marks on the stack");
        }
        return result;
    }

    /** Memorizes the value on top. */
    void put(long index) {
        if (index < 0 || index >= MEMO) {
            throw new RefusedException(
                    Reason.MEMO,
                    "a memo index must be below " + MEMO + ", found " + Integer.toUnsignedString((int) index));
        }
        Object top = top();
        if (index >= memo.length) {
            memo = Arrays.copyOf(memo, (int) Math.min(MEMO, Math.max(index + 1, 2L * memo.length)));
        }
        if (memo[(int) index] == null) {
            memorized++;
        }
        memo[(int) index] = top;
    }

    void putNext() {
        put(memorized);
    }

    void get(long index) {
        Object found = index < 0 || index >= memo.length ? null : memo[(int) index];
        if (found == null) {
            throw new RefusedException(
                    Reason.MEMO, "memo index " + Integer.toUnsignedString((int) index) + " was never set");
        }
        push(found);
    }
}
