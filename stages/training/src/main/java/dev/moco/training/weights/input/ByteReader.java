package dev.moco.training.weights.input;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads bytes from the start to the end; numbers are little-endian. */
public final class ByteReader {
    private final Bytes bytes;
    private final ByteBuffer window;
    private long position;

    public ByteReader(Bytes bytes) {
        this.bytes = bytes;
        this.window = ByteBuffer.allocate((int) Math.min(Bytes.CHUNK, bytes.length()))
                .order(ByteOrder.LITTLE_ENDIAN)
                .limit(0);
    }

    public long position() {
        return position;
    }

    public long remaining() {
        return bytes.length() - position;
    }

    public int unsignedByte(String what) throws IOException {
        return want(1, what).get() & 255;
    }

    public int unsignedShort(String what) throws IOException {
        return want(2, what).getShort() & 0xffff;
    }

    public int whole4(String what) throws IOException {
        return want(4, what).getInt();
    }

    public long whole8(String what) throws IOException {
        return want(8, what).getLong();
    }

    /** Reads bytes into a new array. */
    public byte[] readBytes(int length, String what) throws IOException {
        byte[] read = bytes.read(position, length, what);
        skip(length);
        return read;
    }

    /** The next bytes, which are not read. */
    public Bytes span(long length, String what) {
        Bytes span = bytes.part(position, length, what);
        skip(length);
        return span;
    }

    private void skip(long length) {
        position += length;
        if (length <= window.remaining()) {
            window.position(window.position() + (int) length);
        } else {
            window.limit(0);
        }
    }

    /** Makes the next bytes available in the window. */
    private ByteBuffer want(int count, String what) throws IOException {
        if (window.remaining() < count) {
            int length = (int) Math.min(window.capacity(), remaining());
            if (length < count) {
                throw new RefusedException(Reason.TRUNCATED, "the file ends inside " + what);
            }
            window.clear().limit(length);
            bytes.fill(position, window, what);
        }
        position += count;
        return window;
    }
}
