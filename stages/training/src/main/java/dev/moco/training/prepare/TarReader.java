package dev.moco.training.prepare;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Reads a file from its beginning to its end with gaps: at first only what is asked for, then, as a stream, everything,
 * with several reads ahead.
 */
final class TarReader {
    /** Bytes of a read for a header: it covers the extra headers that a long name takes. */
    static final int HEADER_READ = 2048;

    /** Bytes of a read of the stream. */
    static final int STREAM_READ = 4 << 20;

    /** Reads of the stream at a time, which take 64 MiB of memory. */
    static final int STREAM_READS = 16;

    private final RawFiles files;
    private final String path;
    private final long size;
    private final ExecutorService reads;
    private final Deque<Future<byte[]>> ahead = new ArrayDeque<>();
    /** Offset of the first read ahead. */
    private long aheadStart;

    private boolean stream;
    private byte[] window = new byte[0];
    private long windowStart;

    /**
     * Begins at the start of a file.
     *
     * @param reads threads for the reads of the stream
     */
    TarReader(RawFiles files, String path, long size, ExecutorService reads) {
        this.files = files;
        this.path = path;
        this.size = size;
        this.reads = reads;
    }

    /** Reads everything from now on. */
    void stream() {
        stream = true;
    }

    boolean isStream() {
        return stream;
    }

    /**
     * Reads bytes at an offset of the file.
     *
     * @throws EOFException if the file ends before
     */
    byte[] read(long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            long at = offset + done;
            if (at < windowStart || at >= windowStart + window.length) {
                load(at, length - done);
            }
            int from = (int) (at - windowStart);
            int count = Math.min(length - done, window.length - from);
            if (count <= 0) {
                throw new EOFException("the file ends at " + at);
            }
            System.arraycopy(window, from, bytes, done, count);
            done += count;
        }
        return bytes;
    }

    private void load(long offset, int length) throws IOException {
        if (stream) {
            loadAhead(offset);
        } else {
            window = range(offset, Math.max(length, HEADER_READ));
            windowStart = offset;
        }
    }

    private byte[] range(long offset, int length) throws IOException {
        int most = (int) Math.max(0, Math.min(length, size - offset));
        return most == 0 ? new byte[0] : files.range(path, offset, most);
    }

    private void loadAhead(long offset) throws IOException {
        while (!ahead.isEmpty() && offset >= aheadStart + STREAM_READ) {
            ahead.remove().cancel(false);
            aheadStart += STREAM_READ;
        }
        if (ahead.isEmpty() || offset < aheadStart) {
            ahead.forEach(read -> read.cancel(false));
            ahead.clear();
            aheadStart = offset;
        }
        readAhead();
        window = ahead.isEmpty() ? new byte[0] : SourceReads.result(ahead.remove());
        windowStart = aheadStart;
        aheadStart += STREAM_READ;
        readAhead();
    }

    private void readAhead() {
        while (ahead.size() < STREAM_READS) {
            long start = aheadStart + (long) ahead.size() * STREAM_READ;
            if (start >= size) {
                return;
            }
            ahead.add(reads.submit(() -> range(start, STREAM_READ)));
        }
    }
}
