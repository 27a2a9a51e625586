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
 * Batches in order, a few prepared ahead; memory is bounded by these few, whatever the number of batches. For one
 * consumer.
 */
public final class BatchStream<B> implements AutoCloseable {
    /** Batches prepared ahead of the consumer: one about to be taken, one in the making. */
    private static final int AHEAD = 2;

    private final BatchSource<B> source;
    private final Executor threads;
    private final Deque<CompletableFuture<B>> ahead = new ArrayDeque<>();
    private int started;
    private long waitNanos;
    private volatile boolean closed;

    BatchStream(BatchSource<B> source, int first, Executor threads) {
        this.source = source;
        this.started = first;
        this.threads = threads;
        for (int i = 0; i < AHEAD; i++) {
            start();
        }
    }

    public boolean hasNext() {
        return !ahead.isEmpty();
    }

    /**
     * The next batch, waited for if need be.
     *
     * @throws dev.moco.contract.StageFailure the failure of an image of the batch
     */
    public B next() throws InterruptedException {
        CompletableFuture<B> head = ahead.poll();
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

    /** Time the consumer has spent in {@link #next}, nanoseconds. */
    public long waitNanos() {
        return waitNanos;
    }

    /** Drops what is being prepared. */
    @Override
    public void close() {
        closed = true;
        ahead.forEach(batch -> batch.cancel(false));
        ahead.clear();
    }

    private void start() {
        if (closed || started >= source.batches()) {
            return;
        }
        int number = started++;
        CompletableFuture<B> filled = new CompletableFuture<>();
        if (ahead.isEmpty()) {
            begin(number, filled);
        } else {
            // Behind the items of the batches before: memory touched for the first time is slow, and they are wanted
            // first.
            threads.execute(() -> begin(number, filled));
        }
        ahead.add(filled);
    }

    private void begin(int number, CompletableFuture<B> filled) {
        if (closed) {
            return;
        }
        try {
            B batch = source.allocate(number);
            AtomicInteger left = new AtomicInteger(source.items(number));
            for (int i = 0; i < source.items(number); i++) {
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
