package dev.moco.artifacts;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Body of a response that fails if the connection ends early, which the JDK's client treats as the end of the body. */
final class LengthCheckedBody extends FilterInputStream {
    private final String name;
    private final long length;
    private long position;

    private LengthCheckedBody(InputStream body, String name, long length) {
        super(body);
        this.name = name;
        this.length = length;
    }

    /** Wraps a body for reading as a stream; the name is for the message. */
    static InputStream of(GetObjectResponse response, InputStream body, String name) {
        Long length = response.contentLength();
        return length == null ? body : new LengthCheckedBody(body, name, length);
    }

    @Override
    public int read() throws IOException {
        int value = in.read();
        count(value < 0 ? value : 1);
        return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        int read = in.read(bytes, offset, count);
        count(read);
        return read;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = in.skip(count);
        position += skipped;
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(int read) throws EOFException {
        if (read >= 0) {
            position += read;
        } else if (position < length) {
            throw new EOFException(name + " was cut off after " + position + " of " + length + " bytes");
        }
    }
}
