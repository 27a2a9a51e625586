package dev.moco.operator.storage;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** What takes long has threads of its own: listing raw data, a million files perhaps, and drawing reports. */
final class BackgroundStoreTasks implements AutoCloseable {
    private static final int LISTINGS_AT_ONCE = 2;
    /** As long as a sweep takes to be applied. */
    private static final long KEPT_SECONDS = 10;

    private final ExecutorService listers =
            Executors.newFixedThreadPool(LISTINGS_AT_ONCE, DaemonThreads.named("listing"));
    /** One, for drawings are in memory. */
    private final ExecutorService drawer = Executors.newSingleThreadExecutor(DaemonThreads.named("report"));

    private final Map<Listing, CompletableFuture<String>> listings = new ConcurrentHashMap<>();

    private record Listing(StoreLogin login, String source) {}

    /**
     * The fingerprint of raw data, now or later; one listing answers all experiments that ask at about the same time. It
     * fails as {@link SharedStore#fingerprint} does.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // forgetting a listing has no result
    CompletableFuture<String> fingerprint(StoreLogin login, String source, SharedStore store) {
        Listing listing = new Listing(login, source);
        CompletableFuture<String> ours = new CompletableFuture<>();
        CompletableFuture<String> first = listings.putIfAbsent(listing, ours);
        if (first != null) {
            return first;
        }
        ours.whenComplete((fingerprint, failure) -> {
            if (failure == null) {
                CompletableFuture.delayedExecutor(KEPT_SECONDS, TimeUnit.SECONDS)
                        .execute(() -> listings.remove(listing, ours));
            } else {
                listings.remove(listing, ours);
            }
        });
        run(listers, () -> store.fingerprint(source), ours);
        return ours;
    }

    CompletableFuture<String> report(Callable<String> writing) {
        CompletableFuture<String> uri = new CompletableFuture<>();
        run(drawer, writing, uri);
        return uri;
    }

    private static void run(ExecutorService threads, Callable<String> work, CompletableFuture<String> result) {
        try {
            threads.execute(() -> {
                try {
                    result.complete(work.call());
                } catch (Exception | Error e) { // whoever waits decides
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(e); // the operator stops
        }
    }

    @Override
    public void close() {
        listers.shutdownNow();
        drawer.shutdownNow();
    }
}
