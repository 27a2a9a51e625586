package dev.moco.artifacts;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * Sends the body of a request in whole buffers. The SDK encodes it in pieces, of which the last are a signature and a
 * checksum of some hundred bytes in a dozen pieces, and the client sends each as a packet. A server that answers and
 * closes the connection after the content, as S3Proxy does, then makes those that follow fail.
 */
record WholeBuffers(SdkHttpClient client) implements SdkHttpClient {

    /** Builder of such a client around another's. */
    record Builder(SdkHttpClient.Builder<?> client) implements SdkHttpClient.Builder<Builder> {
        @Override
        public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
            return new WholeBuffers(client.buildWithDefaults(defaults));
        }
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return client.prepareRequest(request.contentStreamProvider()
                .map(body -> HttpExecuteRequest.builder()
                        .request(request.httpRequest())
                        .contentStreamProvider(() -> new Filled(body.newStream()))
                        .metricCollector(request.metricCollector().orElse(null))
                        .build())
                .orElse(request));
    }

    @Override
    public String clientName() {
        return client.clientName();
    }

    @Override
    public void close() {
        client.close();
    }

    /** Reads as many bytes as are asked for, unless the stream ends. */
    static final class Filled extends FilterInputStream {
        Filled(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = in.readNBytes(buffer, offset, length);
            return read == 0 && length > 0 ? -1 : read;
        }
    }
}
