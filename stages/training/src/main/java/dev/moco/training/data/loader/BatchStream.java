package dev.moco.training.data.loader;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Batches in order, of which two are prepared ahead of the consumer, as with a DataLoader's prefetch. Memory does not
 * grow with the number of batches. For one consumer.
 */
public final class BatchStream<B> implements AutoCloseable {
    /** One batch that is ready, and one that is being filled. */
    private static final int PREFETCH = 2;

    private final BatchSource<B> source;
    private final Executor threads;
    private final Deque<CompletableFuture<B>> prefetched = new ArrayDeque<>();
    private int started;
    private long waitNanos;
    private volatile boolean closed;

    BatchStream(BatchSource<B> source, int first, Executor threads) {
        this.source = source;
        this.started = first;
        this.threads = threads;
        for (int i = 0; i < PREFETCH; i++) {
            start();
        }
    }

    public boolean hasNext() {
        return !prefetched.isEmpty();
    }

    /**
     * Returns the next batch, and waits until it is filled.
     *
     * @throws dev.moco.contract.StageFailure if an image of the batch failed
     */
    public B next() throws InterruptedException {
        CompletableFuture<B> head = prefetched.poll();
        if (head == null) {
            throw new NoSuchElementException("all " + source.batches() + " batches were taken");
        }
        long from = System.nanoTime();
        try {
            B batch = head.get();
            start();
            return batch;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new CompletionException(e.getCause());
        } finally {
            waitNanos += System.nanoTime() - from;
        }
    }

    /** Total time in {@link #next} in nanoseconds. */
    public long waitNanos() {
        return waitNanos;
    }

    /** Cancels the prefetched batches. */
    @Override
    public void close() {
        closed = true;
        prefetched.forEach(batch -> batch.cancel(false));
        prefetched.clear();
        source.close();
    }

    private void start() {
        if (closed || started >= source.batches()) {
            return;
        }
        int number = started++;
        CompletableFuture<B> filled = new CompletableFuture<>();
        if (prefetched.isEmpty()) {
            begin(number, filled);
        } else {
            // Queued behind the items of the batches before it, which are needed first: new memory is slow to allocate.
            threads.execute(() -> begin(number, filled));
        }
        prefetched.add(filled);
    }

    private void begin(int number, CompletableFuture<B> filled) {
        if (closed) {
            return;
        }
        try {
            B batch = source.allocate(number);
            int items = source.items(number);
            if (items == 0) {
                filled.complete(batch);
            }
            AtomicInteger left = new AtomicInteger(items);
            for (int i = 0; i < items; i++) {
                int item = i;
                threads.execute(() -> fill(batch, number, item, left, filled));
            }
        } catch (RuntimeException | Error failure) { // handed to the consumer, whose call this is
            filled.completeExceptionally(failure);
        }
    }

    private void fill(B batch, int number, int item, AtomicInteger left, CompletableFuture<B> filled) {
        if (closed || filled.isDone()) {
            return;
        }
        try {
            source.fill(batch, number, item);
            if (left.decrementAndGet() == 0) {
                filled.complete(batch);
            }
        } catch (RuntimeException | Error failure) { // handed to the consumer, whose call this is
            filled.completeExceptionally(failure);
        }
    }
}
