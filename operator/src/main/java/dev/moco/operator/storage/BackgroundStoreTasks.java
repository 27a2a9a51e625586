package dev.moco.operator.storage;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Slow store work on threads of its own, so that it does not delay polling: listing raw data and writing reports. */
final class BackgroundStoreTasks {
    /** A sweep is applied within this time, and its experiments share one listing. */
    private static final long CACHE_SECONDS = 10;

    private final StoreThreads threads;
    private final NamespaceThreads listing;
    private final NamespaceThreads report;
    private final Map<Listing, CompletableFuture<String>> listings = new ConcurrentHashMap<>();

    BackgroundStoreTasks(StoreThreads threads, RequestBudget budget) {
        this.threads = threads;
        this.listing = new NamespaceThreads(threads.listing(), StoreThreads.LISTING, budget, threads.polling());
        this.report = new NamespaceThreads(threads.report(), StoreThreads.REPORT, budget, threads.polling());
    }

    /** A namespace waits for no listing of another, which may have a slow server. */
    private record Listing(String namespace, StoreLogin login, String source) {}

    /**
     * Lists raw data and returns its fingerprint; concurrent requests of a namespace share one listing. The future fails
     * as {@link SharedStore#fingerprint} does.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // removing a listing has no result
    CompletableFuture<String> fingerprint(String namespace, StoreLogin login, String source, SharedStore store) {
        Listing key = new Listing(namespace, login, source);
        CompletableFuture<String> ours = new CompletableFuture<>();
        CompletableFuture<String> first = listings.putIfAbsent(key, ours);
        if (first != null) {
            return first;
        }
        ours.whenComplete((fingerprint, failure) -> {
            if (failure != null) {
                listings.remove(key, ours);
            } else if (!threads.polling().isShutdown()) {
                threads.polling().schedule(() -> listings.remove(key, ours), CACHE_SECONDS, TimeUnit.SECONDS);
            }
        });
        listing.execute(namespace, () -> complete(ours, () -> store.fingerprint(source)));
        return ours;
    }

    /** Writes a report and returns its URI. */
    CompletableFuture<String> report(String namespace, Callable<String> writing) {
        CompletableFuture<String> uri = new CompletableFuture<>();
        report.execute(namespace, () -> complete(uri, writing));
        return uri;
    }

    private static void complete(CompletableFuture<String> result, Callable<String> work) {
        try {
            result.complete(work.call());
        } catch (Exception | Error e) { // the waiting poller decides
            result.completeExceptionally(e);
        }
    }
}
