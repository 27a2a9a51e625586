package dev.moco.operator.storage;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/** Stores in use, with one client each: shared by experiments, closed when the last of them releases it. */
public final class Stores {
    private final StoreSecrets secrets;
    private final Clock clock;
    private final StoreOpener opener;
    private final Map<StoreLogin, OpenStore> open = new HashMap<>();

    public Stores(StoreSecrets secrets, Clock clock) {
        this(secrets, clock, StoreOpener.S3);
    }

    Stores(StoreSecrets secrets, Clock clock, StoreOpener opener) {
        this.secrets = secrets;
        this.clock = clock;
        this.opener = opener;
    }

    private static final class OpenStore {
        private final SharedStore store;
        private int users;

        private OpenStore(SharedStore store) {
            this.store = store;
        }
    }

    synchronized SharedStore acquire(StoreLogin login, RequestBudget budget) {
        OpenStore entry =
                open.computeIfAbsent(login, key -> new OpenStore(new SharedStore(key, secrets, clock, opener, budget)));
        entry.users++;
        return entry.store;
    }

    /** Releases a store and unregisters its recovery listener. */
    synchronized void release(StoreLogin login, Runnable listener) {
        OpenStore entry = open.get(login);
        if (entry == null) {
            return;
        }
        entry.store.forget(listener);
        if (--entry.users == 0) {
            open.remove(login);
            entry.store.close();
        }
    }

    /** Number of stores that cannot be reached now. */
    public synchronized long unreachable() {
        return open.values().stream()
                .filter(entry -> entry.store.backoff().problem().isPresent())
                .count();
    }
}
