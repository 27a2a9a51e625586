package dev.moco.training.data.shards;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.FutureTask;

/** Reads numbered items in order, several at a time. For one consumer. */
final class OrderedReads<T> {
    private final int count;
    private final Read<T> read;
    private final Queue<FutureTask<T>> begun = new ArrayDeque<>();
    private int next;

    /** Reads an item; called by several threads. */
    interface Read<T> {
        T item(int number) throws IOException;
    }

    OrderedReads(int count, Read<T> read) {
        this.count = count;
        this.read = read;
    }

    /** Returns the next item, and fails as its read does. */
    T next() throws IOException {
        while (next < count && begun.size() < RangeThreads.REQUESTS) {
            int number = next++;
            FutureTask<T> task = new FutureTask<>(() -> read.item(number));
            begun.add(task);
            RangeThreads.executor().execute(task);
        }
        return ReadAhead.result(begun.remove());
    }
}
