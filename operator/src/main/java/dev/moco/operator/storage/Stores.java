package dev.moco.operator.storage;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/** The stores in use: one client each, however many experiments share it, closed with the last of them. */
public final class Stores {
    private final StoreSecrets secrets;
    private final Clock clock;
    private final Map<StoreLogin, Held> held = new HashMap<>();

    public Stores(StoreSecrets secrets, Clock clock) {
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

    synchronized SharedStore acquire(StoreLogin login) {
        Held entry = held.computeIfAbsent(login, key -> new Held(new SharedStore(key, secrets, clock)));
        entry.users++;
        return entry.store;
    }

    /** Gives a store back, with what was to be run on its recovery. */
    synchronized void release(StoreLogin login, Runnable listener) {
        Held entry = held.get(login);
        if (entry == null) {
            return;
        }
        entry.store.forget(listener);
        if (--entry.users == 0) {
            held.remove(login);
            entry.store.close();
        }
    }

    /** How many cannot be reached now. */
    public synchronized long unreachable() {
        return held.values().stream()
                .filter(entry -> entry.store.backoff().problem().isPresent())
                .count();
    }
}
