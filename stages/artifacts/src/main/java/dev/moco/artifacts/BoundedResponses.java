package dev.moco.artifacts;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;

/**
 * Limits the time in which a response is read, and the responses that the SDK itself reads into memory: errors, and pages
 * of listings, which have 3.3 MB at most with a thousand of the longest keys. Those are XML, whose elements and
 * attributes take far more memory than bytes, so they are counted too. The content of an object is limited by who reads
 * it.
 */
final class BoundedResponses implements ExecutionInterceptor {
    /** A page of a thousand keys has about 22 tags a key. */
    private static final int XML_MARKS = 50_000;

    private final Duration time;
    private final LongConsumer bytesRead;

    /**
     * @param time longest time for the body of one response
     * @param bytesRead receives the number of bytes of each read
     */
    BoundedResponses(Duration time, LongConsumer bytesRead) {
        this.time = time;
        this.bytesRead = bytesRead;
    }

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        boolean object = context.request() instanceof GetObjectRequest
                && context.httpResponse().isSuccessful();
        return context.responseBody().map(body -> new BoundedStream(object ? body : new BoundedXml(body)));
    }

    private final class BoundedStream extends FilterInputStream {
        private final long start = System.nanoTime();

        BoundedStream(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            check(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            int read = in.read(bytes, offset, count);
            check(Math.max(0, read));
            return read;
        }

        private void check(int read) throws InterruptedIOException {
            bytesRead.accept(read);
            if (System.nanoTime() - start > time.toNanos()) {
                throw new InterruptedIOException("the server's answer takes longer than " + time.toMillis() + " ms");
            }
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }

    private static final class BoundedXml extends FilterInputStream {
        private long left = ObjectStore.METADATA_BYTES;
        private int marks;

        BoundedXml(InputStream body) {
            super(body);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            int read = in.read(bytes, offset, count);
            for (int i = offset; i < offset + read; i++) {
                if (bytes[i] == '<' || bytes[i] == '=') {
                    marks++;
                }
            }
            left -= Math.max(0, read);
            if (left < 0) {
                throw new IOException("the server's answer has more than " + ObjectStore.METADATA_BYTES + " bytes");
            } else if (marks > XML_MARKS) {
                throw new IOException("the server's answer has more than " + XML_MARKS + " tags and attributes");
            }
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = in.skip(count);
            left -= skipped;
            return skipped;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
