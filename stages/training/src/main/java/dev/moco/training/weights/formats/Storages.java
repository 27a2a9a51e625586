package dev.moco.training.weights.formats;

import dev.moco.training.weights.ElementType;
import dev.moco.training.weights.TypedStorage;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.Global;
import dev.moco.training.weights.pickle.PickleNone;
import dev.moco.training.weights.pickle.PickleTuple;
import dev.moco.training.weights.pickle.PickleValues;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Storages that a pickle of PyTorch names by persistent ids, by their keys. */
final class Storages {
    /** Most bytes of a storage. */
    static final long BYTES = 4L << 30;

    private static final int KEY_DIGITS = 20;

    private final boolean legacy;
    private final ByteOrder order;
    private final Map<String, TypedStorage> byKey = new LinkedHashMap<>();

    /** @param legacy true for ids of six parts, the last of which is None or a view */
    Storages(boolean legacy, ByteOrder order) {
        this.legacy = legacy;
        this.order = order;
    }

    Map<String, TypedStorage> byKey() {
        return byKey;
    }

    /** The storage of ("storage", type, key, location, number of elements); the location is that of another machine. */
    TypedStorage of(Object id) throws IOException {
        if (!(id instanceof PickleTuple parts)
                || parts.size() != (legacy ? 6 : 5)
                || !PickleValues.isText(parts.get(0), "storage")) {
            throw new RefusedException(
                    Reason.PERSISTENT, "a persistent id must be that of a storage, found " + first(id));
        }
        if (legacy && parts.get(5) != PickleNone.NONE) {
            throw new RefusedException(Reason.PERSISTENT, "a storage is a view into another storage");
        }
        ElementType type = TorchRules.storageType(parts.get(1));
        String key = PickleValues.text(parts.get(2), "a storage key");
        if (key.isEmpty() || key.length() > KEY_DIGITS || !key.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new RefusedException(
                    Reason.PERSISTENT, "a storage key must be a number, found " + RefusedException.shown(key));
        }
        PickleValues.text(parts.get(3), "a location");
        long elements = PickleValues.whole(parts.get(4), "the size of storage " + key, BYTES / type.bytes());
        TypedStorage found = byKey.computeIfAbsent(key, added -> TypedStorage.announced(type, elements, order));
        if (found.type() != type || found.elements() != elements) {
            throw new RefusedException(
                    Reason.STORAGE,
                    "storage " + key + " is named with " + found.elements() + " elements of "
                            + found.type().id() + " and with " + elements + " of " + type.id());
        }
        return found;
    }

    private static String first(Object id) throws IOException {
        return id instanceof PickleTuple parts && parts.size() > 0 && !(parts.get(0) instanceof Global)
                ? PickleValues.type(id) + " of " + PickleValues.text(parts.get(0), "a persistent id") + " and "
                        + (parts.size() - 1) + " more"
                : PickleValues.type(id);
    }
}
