package dev.moco.training.weights.pickle;

import java.util.List;

/** A tuple; compared by identity, as it may hold itself by way of a list. */
public final class PickleTuple {
    private final List<Object> values;

    PickleTuple(List<Object> values) {
        this.values = List.copyOf(values);
    }

    public int size() {
        return values.size();
    }

    public Object get(int index) {
        return values.get(index);
    }

    public List<Object> values() {
        return values;
    }
}
