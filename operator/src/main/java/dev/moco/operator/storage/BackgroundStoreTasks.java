package dev.moco.operator.storage;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Slow store work on threads of its own, so that it does not delay polling: listing raw data and writing reports. */
final class BackgroundStoreTasks {
    /** A sweep is applied within this time, and its experiments share one listing. */
    private static final long CACHE_SECONDS = 10;

    private final StoreThreads threads;
    private final Map<Listing, CompletableFuture<String>> listings = new ConcurrentHashMap<>();

    BackgroundStoreTasks(StoreThreads threads) {
        this.threads = threads;
    }

    private record Listing(StoreLogin login, String source) {}

    /**
     * Lists raw data and returns its fingerprint; concurrent requests share one listing. The future fails as
     * {@link SharedStore#fingerprint} does.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // removing a listing has no result
    CompletableFuture<String> fingerprint(StoreLogin login, String source, SharedStore store) {
        Listing listing = new Listing(login, source);
        CompletableFuture<String> ours = new CompletableFuture<>();
        CompletableFuture<String> first = listings.putIfAbsent(listing, ours);
        if (first != null) {
            return first;
        }
        ours.whenComplete((fingerprint, failure) -> {
            if (failure != null) {
                listings.remove(listing, ours);
            } else if (!threads.polling().isShutdown()) {
                threads.polling().schedule(() -> listings.remove(listing, ours), CACHE_SECONDS, TimeUnit.SECONDS);
            }
        });
        run(threads.listing(), () -> store.fingerprint(source), ours);
        return ours;
    }

    /** Writes a report and returns its URI. */
    CompletableFuture<String> report(Callable<String> writing) {
        CompletableFuture<String> uri = new CompletableFuture<>();
        run(threads.report(), writing, uri);
        return uri;
    }

    private static void run(ExecutorService threads, Callable<String> work, CompletableFuture<String> result) {
        try {
            threads.execute(() -> {
                try {
                    result.complete(work.call());
                } catch (Exception | Error e) { // the waiting poller decides
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(e); // the operator is stopping
        }
    }
}
