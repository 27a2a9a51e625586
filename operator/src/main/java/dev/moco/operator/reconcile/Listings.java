package dev.moco.operator.reconcile;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Lists raw data, which takes minutes where there are a million files: on threads of its own, and once for all experiments
 * that ask at about the same time.
 */
final class Listings implements AutoCloseable {
    private static final int AT_ONCE = 2;
    /** As long as a sweep takes to be applied. */
    private static final long KEPT_SECONDS = 10;

    private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE, DaemonThreads.named("listing"));
    private final Map<Listing, CompletableFuture<String>> listings = new ConcurrentHashMap<>();

    private record Listing(StoreLogin login, String source) {}

    /** The fingerprint of raw data, now or later; it fails as {@link SharedStore#fingerprint} does. */
    CompletableFuture<String> fingerprint(StoreLogin login, String source, SharedStore store) {
        Listing listing = new Listing(login, source);
        CompletableFuture<String> known = listings.get(listing);
        if (known != null) {
            return known;
        }
        CompletableFuture<String> ours = new CompletableFuture<>();
        CompletableFuture<String> first = listings.putIfAbsent(listing, ours);
        if (first != null) {
            return first;
        }
        threads.execute(() -> {
            try {
                ours.complete(store.fingerprint(source));
                CompletableFuture.delayedExecutor(KEPT_SECONDS, TimeUnit.SECONDS)
                        .execute(() -> listings.remove(listing, ours));
            } catch (Exception | Error e) { // whoever waits decides
                listings.remove(listing, ours);
                ours.completeExceptionally(e);
            }
        });
        return ours;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
