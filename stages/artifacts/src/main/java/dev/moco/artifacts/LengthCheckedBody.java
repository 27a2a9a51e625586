package dev.moco.artifacts;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** A response's body that fails if the connection ends before it does; the JDK's client takes that for its end. */
final class WholeBody extends FilterInputStream {
    private final String name;
    private final long length;
    private long read;

    private WholeBody(InputStream body, String name, long length) {
        super(body);
        this.name = name;
        this.length = length;
    }

    /** A body to read as it comes; the name is for the message. */
    static InputStream of(GetObjectResponse response, InputStream body, String name) {
        Long length = response.contentLength();
        return length == null ? body : new WholeBody(body, name, length);
    }

    /** All of a body; one that is cut off is asked for again, as often as the SDK tries a request. */
    static byte[] bytes(GetObjectResponse response, InputStream body) {
        try (InputStream whole = of(response, body, "the answer")) {
            return whole.readAllBytes();
        } catch (IOException e) {
            throw RetryableException.create(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public int read() throws IOException {
        int value = in.read();
        count(value < 0 ? value : 1);
        return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        int found = in.read(bytes, offset, count);
        count(found);
        return found;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = in.skip(count);
        read += skipped;
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(int found) throws EOFException {
        if (found >= 0) {
            read += found;
        } else if (read < length) {
            throw new EOFException(name + " was cut off after " + read + " of " + length + " bytes");
        }
    }
}
