package dev.moco.training.weights.pickle;

import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A dict or OrderedDict in the order of the file; keys are text or whole numbers. Compared by identity. */
public final class PickleMap {
    private final Map<Object, Object> entries = new LinkedHashMap<>(2);
    private final boolean ordered;

    /** @param ordered true for an OrderedDict */
    public PickleMap(boolean ordered) {
        this.ordered = ordered;
    }

    public boolean ordered() {
        return ordered;
    }

    public Map<Object, Object> entries() {
        return Collections.unmodifiableMap(entries);
    }

    public @Nullable Object get(String key) {
        return entries.get(key);
    }

    /**
     * Adds an entry.
     *
     * @throws RefusedException if the key is of another type, or there
     */
    public void put(Object key, Object value) throws IOException {
        Object plain = key instanceof Bytes python2 ? PickleValues.text(python2, "a key") : key;
        if (!(plain instanceof String || plain instanceof Long || plain instanceof BigInteger)) {
            throw new RefusedException(
                    Reason.KEY, "a map key must be text or a whole number, found " + PickleValues.type(key));
        }
        if (plain instanceof String name) {
            PickleValues.text(name, "a key");
        }
        if (entries.putIfAbsent(plain, value) != null) {
            throw new RefusedException(
                    Reason.DUPLICATE, "key " + RefusedException.shown(plain.toString()) + " is there twice");
        }
    }

    /** Adds keys and values in turn. */
    void putAll(List<Object> items) throws IOException {
        if (items.size() % 2 != 0) {
            throw new RefusedException(Reason.STACK, "a key without a value");
        }
        for (int i = 0; i < items.size(); i += 2) {
            put(items.get(i), items.get(i + 1));
        }
    }
}
