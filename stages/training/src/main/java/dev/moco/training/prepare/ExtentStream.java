package dev.moco.training.prepare;

import java.io.IOException;
import java.io.InputStream;

/** Stream of an extent. Reads from the source in windows and only what is used: skipping reads nothing. */
final class ExtentStream extends InputStream {
    /** Bytes of a read: the development kit takes three. */
    private static final int WINDOW = 1 << 20;

    private final RawFiles files;
    private final Extent extent;
    private byte[] window = new byte[0];
    private long windowStart;
    private long position;

    ExtentStream(RawFiles files, Extent extent) {
        this.files = files;
        this.extent = extent;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int start, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position >= extent.length()) {
            return -1;
        }
        if (position < windowStart || position >= windowStart + window.length) {
            int wanted = (int) Math.min(WINDOW, extent.length() - position);
            window = files.range(extent.path(), extent.offset() + position, wanted);
            windowStart = position;
        }
        int from = (int) (position - windowStart);
        int count = Math.min(length, window.length - from);
        System.arraycopy(window, from, target, start, count);
        position += count;
        return count;
    }

    @Override
    public long skip(long count) {
        long skipped = Math.max(0, Math.min(count, extent.length() - position));
        position += skipped;
        return skipped;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, extent.length() - position);
    }
}
