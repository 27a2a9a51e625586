package dev.moco.training.weights.pickle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A list; compared by identity, as it may hold itself while it is read. */
public final class PickleList {
    private final List<Object> values = new ArrayList<>(0);

    void add(Object value) {
        values.add(value);
    }

    void addAll(List<Object> added) {
        values.addAll(added);
    }

    public List<Object> values() {
        return Collections.unmodifiableList(values);
    }
}
