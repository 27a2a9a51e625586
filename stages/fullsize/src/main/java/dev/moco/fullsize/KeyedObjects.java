package dev.moco.fullsize;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Objects in the order of their keys, by their position: neither keys nor objects need to be in memory. */
interface KeyedObjects {
    int count();

    String key(int position);

    Content object(int position);

    /** Object of a key; null if there is none. */
    default @Nullable Content find(String key) {
        int position = after(key) - 1;
        return position >= 0 && key(position).equals(key) ? object(position) : null;
    }

    /** Position of the first key behind {@code key}. */
    default int after(String key) {
        int low = 0;
        int high = count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (key(middle).compareTo(key) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Few objects, kept in memory. */
    static KeyedObjects of(Map<String, Content> objects) {
        List<Map.Entry<String, Content>> sorted = List.copyOf(new TreeMap<>(objects).entrySet());
        return new KeyedObjects() {
            @Override
            public int count() {
                return sorted.size();
            }

            @Override
            public String key(int position) {
                return sorted.get(position).getKey();
            }

            @Override
            public Content object(int position) {
                return sorted.get(position).getValue();
            }
        };
    }
}
