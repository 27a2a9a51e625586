package dev.moco.training.data.shards;

import dev.moco.contract.StageFailure;
import dev.moco.training.data.ImageSet;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Reads samples ahead of their use, since their order is known: so many requests are in progress that the time which each of
 * them takes is not waited for. Samples that are local are not read ahead. Thread-safe.
 */
final class ReadAhead implements ImageSet.Reads {
    /** Most bytes of samples that are being read, or are read and not yet asked for. */
    static final long MAX_BYTES = 64L << 20;

    private final ImageSource source;
    private final int[] order;
    private final int samples;
    private final Executor threads;
    /** Reads that were begun and whose samples were not asked for, by position. */
    private final Map<Integer, Started> begun = new HashMap<>();

    private int next;
    private long bytes;
    private boolean closed;

    /** Samples by index. */
    interface ImageSource {
        /** Returns whether reading a sample takes a request. */
        boolean remote(int index);

        int length(int index);

        byte[] read(int index) throws IOException;
    }

    private record Started(FutureTask<byte[]> read, int length) {}

    /**
     * Begins to read.
     *
     * @param first position of the first sample that will be asked for
     * @param samples most samples that are read ahead; at least the number of threads
     * @param threads run a request each
     */
    ReadAhead(ImageSource source, int[] order, int first, int samples, Executor threads) {
        this.source = source;
        this.order = order;
        this.next = first;
        this.samples = samples;
        this.threads = threads;
        begin();
    }

    @Override
    public byte[] encoded(int position) throws IOException {
        Started started = remove(position);
        begin();
        return started == null ? source.read(order[position]) : result(started.read);
    }

    private synchronized @Nullable Started remove(int position) {
        next = Math.max(next, position + 1);
        Started started = begun.remove(position);
        bytes -= started == null ? 0 : started.length;
        return started;
    }

    private synchronized void begin() {
        while (!closed && next < order.length && begun.size() < samples) {
            int position = next;
            int index = order[position];
            if (source.remote(index)) {
                int length = source.length(index);
                if (!begun.isEmpty() && bytes + length > MAX_BYTES) {
                    return;
                }
                FutureTask<byte[]> read = new FutureTask<>(() -> source.read(index));
                begun.put(position, new Started(read, length));
                bytes += length;
                threads.execute(read);
            }
            next++;
        }
    }

    /** Returns the result of a read, which this thread begins if no other has. */
    static <T> T result(FutureTask<T> read) throws IOException {
        read.run();
        try {
            return read.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof StageFailure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading a sample");
        }
    }

    /** Number of samples that are being read, or are read and not yet asked for. */
    synchronized int pending() {
        return begun.size();
    }

    @Override
    public synchronized void close() {
        closed = true;
        begun.values().forEach(started -> started.read.cancel(false));
        begun.clear();
        bytes = 0;
    }
}
