package dev.moco.artifacts;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;

/**
 * Limits the responses that the SDK itself reads into memory: errors, and pages of listings, which have 3.3 MB at most
 * with a thousand of the longest keys. The content of an object is limited by who reads it.
 */
final class BoundedResponses implements ExecutionInterceptor {
    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        boolean object = context.request() instanceof GetObjectRequest
                && context.httpResponse().isSuccessful();
        return object ? context.responseBody() : context.responseBody().map(BoundedStream::new);
    }

    private static final class BoundedStream extends FilterInputStream {
        private long left = ObjectStore.METADATA_BYTES;

        BoundedStream(InputStream body) {
            super(body);
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

        private void count(int read) throws IOException {
            left -= Math.max(0, read);
            if (left < 0) {
                throw new IOException("the server's answer has more than " + ObjectStore.METADATA_BYTES + " bytes");
            }
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
