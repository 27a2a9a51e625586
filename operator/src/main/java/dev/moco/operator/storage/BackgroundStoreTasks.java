package dev.moco.operator.storage;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Slow store work on threads of its own, so that it does not delay polling: listing raw data and writing reports. */
final class BackgroundStoreTasks implements AutoCloseable {
    private static final int CONCURRENT_LISTINGS = 2;
    /** A sweep is applied within this time, and its experiments share one listing. */
    private static final long CACHE_SECONDS = 10;

    private final ExecutorService listingThreads =
            Executors.newFixedThreadPool(CONCURRENT_LISTINGS, DaemonThreads.named("listing"));
    /** One thread: charts are drawn in memory. */
    private final ExecutorService reportWriter = Executors.newSingleThreadExecutor(DaemonThreads.named("report"));

    private final Map<Listing, CompletableFuture<String>> listings = new ConcurrentHashMap<>();

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
            if (failure == null) {
                CompletableFuture.delayedExecutor(CACHE_SECONDS, TimeUnit.SECONDS)
                        .execute(() -> listings.remove(listing, ours));
            } else {
                listings.remove(listing, ours);
            }
        });
        run(listingThreads, () -> store.fingerprint(source), ours);
        return ours;
    }

    /** Writes a report and returns its URI. */
    CompletableFuture<String> report(Callable<String> writing) {
        CompletableFuture<String> uri = new CompletableFuture<>();
        run(reportWriter, writing, uri);
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

    @Override
    public void close() {
        listingThreads.shutdownNow();
        reportWriter.shutdownNow();
    }
}
