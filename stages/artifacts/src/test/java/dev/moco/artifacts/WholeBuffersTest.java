package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.utils.AttributeMap;

class WholeBuffersTest {
    private final List<Integer> sent = new ArrayList<>();

    /** Reads the body of a request as the SDK's clients do, and sends nothing. */
    private final class RecordingClient implements SdkHttpClient {
        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            try (InputStream body =
                    request.contentStreamProvider().orElseThrow().newStream()) {
                byte[] buffer = new byte[4096];
                for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                    sent.add(read);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            throw new IllegalStateException("nothing is sent");
        }

        @Override
        public void close() {}
    }

    @Test
    void aBodyInManyPiecesIsSentInWholeBuffers() {
        InputStream pieces = new FilterInputStream(new ByteArrayInputStream(new byte[10_000])) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return super.read(buffer, offset, Math.min(3, length));
            }
        };
        HttpExecuteRequest request = HttpExecuteRequest.builder()
                .request(SdkHttpRequest.builder()
                        .method(SdkHttpMethod.PUT)
                        .uri(URI.create("http://127.0.0.1/key"))
                        .build())
                .contentStreamProvider(() -> pieces)
                .build();
        SdkHttpClient.Builder<?> builder = new BuilderOf(new RecordingClient());
        try (SdkHttpClient client = new WholeBuffers.Builder(builder).build()) {
            assertThatThrownBy(() -> client.prepareRequest(request)).hasMessage("nothing is sent");
        }
        assertThat(sent).containsExactly(4096, 4096, 1808);
    }

    private record BuilderOf(SdkHttpClient client) implements SdkHttpClient.Builder<BuilderOf> {
        @Override
        public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
            return client;
        }
    }

    @Test
    void anEmptyBodyEnds() throws IOException {
        try (InputStream empty = new WholeBuffers.Filled(InputStream.nullInputStream())) {
            assertThat(empty.read(new byte[8])).isEqualTo(-1);
            assertThat(empty.read(new byte[0])).isZero();
        }
    }
}
