package dev.moco.training.weights.input;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A run of bytes in a file or in memory, read on demand. A read beyond its end is refused before anything is allocated, so
 * that no length stated by a file sizes an array.
 */
public abstract class Bytes {
    /** Bytes read at a time where many are. */
    public static final int CHUNK = 1 << 16;

    /** A whole file, which must stay open. */
    public static Bytes of(FileChannel file) throws IOException {
        return new OfFile(file, 0, file.size());
    }

    /** Bytes in memory; not copied. */
    public static Bytes of(byte[] array) {
        return new OfMemory(array, 0, array.length);
    }

    /** Makes bytes when they are first needed. */
    public interface Source {
        byte[] make() throws IOException;
    }

    /** Bytes of a known length that are made when they are first read, and then kept. */
    public static Bytes later(long length, Source source) {
        return new Made(length, source);
    }

    public abstract long length();

    /** Copies bytes that the caller has checked to be there. */
    abstract void copy(long offset, ByteBuffer to) throws IOException;

    abstract Bytes checkedPart(long offset, long length);

    /**
     * A part of these bytes, not copied.
     *
     * @param what name of the part in the message
     * @throws RefusedException truncated, if it reaches beyond the end
     */
    public final Bytes part(long offset, long length, String what) {
        check(offset, length, what);
        return checkedPart(offset, length);
    }

    /**
     * Reads bytes into a new array.
     *
     * @throws RefusedException truncated, if they reach beyond the end
     */
    public final byte[] read(long offset, int length, String what) throws IOException {
        check(offset, length, what);
        byte[] read = new byte[length];
        copy(offset, ByteBuffer.wrap(read));
        return read;
    }

    /** Reads bytes into a new little-endian buffer. */
    public final ByteBuffer littleEndian(long offset, int length, String what) throws IOException {
        return ByteBuffer.wrap(read(offset, length, what)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Fills a buffer up to its limit, and flips it. */
    public final void fill(long offset, ByteBuffer to, String what) throws IOException {
        check(offset, to.remaining(), what);
        copy(offset, to);
        to.flip();
    }

    private void check(long offset, long length, String what) {
        if (offset < 0 || length < 0 || offset > length() - length) {
            throw new RefusedException(
                    Reason.TRUNCATED,
                    "the file ends inside " + what + ": " + length + " bytes at " + offset + " of " + length());
        }
    }

    private static final class OfFile extends Bytes {
        private final FileChannel file;
        private final long start;
        private final long length;

        OfFile(FileChannel file, long start, long length) {
            this.file = file;
            this.start = start;
            this.length = length;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        void copy(long offset, ByteBuffer to) throws IOException {
            long at = start + offset;
            while (to.hasRemaining()) {
                int read = file.read(to, at);
                if (read < 0) {
                    throw new RefusedException(Reason.TRUNCATED, "the file became shorter while it was read");
                }
                at += read;
            }
        }

        @Override
        Bytes checkedPart(long offset, long part) {
            return new OfFile(file, start + offset, part);
        }
    }

    private static final class OfMemory extends Bytes {
        private final byte[] array;
        private final int start;
        private final int length;

        OfMemory(byte[] array, int start, int length) {
            this.array = Objects.requireNonNull(array);
            this.start = start;
            this.length = length;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        void copy(long offset, ByteBuffer to) {
            to.put(array, start + (int) offset, to.remaining());
        }

        @Override
        Bytes checkedPart(long offset, long part) {
            return new OfMemory(array, start + (int) offset, (int) part);
        }
    }

    private static final class Made extends Bytes {
        private final long length;
        private final Source source;
        private byte @Nullable [] made;

        Made(long length, Source source) {
            this.length = length;
            this.source = source;
        }

        @Override
        public long length() {
            return length;
        }

        private byte[] made() throws IOException {
            byte[] bytes = made;
            if (bytes == null) {
                bytes = source.make();
                made = bytes;
            }
            return bytes;
        }

        @Override
        void copy(long offset, ByteBuffer to) throws IOException {
            to.put(made(), (int) offset, to.remaining());
        }

        @Override
        Bytes checkedPart(long offset, long part) {
            return new Made(part, () -> Arrays.copyOfRange(made(), (int) offset, (int) (offset + part)));
        }
    }
}
