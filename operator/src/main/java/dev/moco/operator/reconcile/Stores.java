package dev.moco.operator.reconcile;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/** The stores in use: one client each, however many experiments share it, closed with the last of them. */
final class Stores {
    private final StoreSecrets secrets;
    private final Clock clock;
    private final Map<StoreAccess, Held> held = new HashMap<>();

    Stores(StoreSecrets secrets, Clock clock) {
        this.secrets = secrets;
        this.clock = clock;
    }

    private static final class Held {
        private final SharedStore store;
        private int users;

        private Held(SharedStore store) {
            this.store = store;
        }
    }

    synchronized SharedStore acquire(StoreAccess access) {
        Held entry = held.computeIfAbsent(access, key -> new Held(new SharedStore(key, secrets, clock)));
        entry.users++;
        return entry.store;
    }

    synchronized void release(StoreAccess access) {
        Held entry = held.get(access);
        if (entry != null && --entry.users == 0) {
            held.remove(access);
            entry.store.close();
        }
    }

    /** How many cannot be reached now. */
    synchronized long unreachable() {
        return held.values().stream()
                .filter(entry -> entry.store.backoff().problem().isPresent())
                .count();
    }
}
