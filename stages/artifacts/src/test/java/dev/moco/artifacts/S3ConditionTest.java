package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Answers to conditional writes, as the client for S3 takes them. */
class S3ConditionTest {
    private final List<String> conditions = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private volatile String code = "";
    private HttpServer server;
    private S3ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            conditions.add(String.valueOf(exchange.getRequestHeaders().getFirst("If-None-Match")));
            byte[] body = status == 200
                    ? new byte[0]
                    : ("<Error><Code>" + code + "</Code><Message>said by a test</Message></Error>")
                            .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        store = S3ObjectStore.open(
                new StoreLocation(
                        "bucket", "", "http://127.0.0.1:" + server.getAddress().getPort(), null, true, true),
                StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")));
    }

    @AfterEach
    void stop() {
        store.close();
        server.stop(0);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"412, PreconditionFailed, false", "409, ConditionalRequestConflict, false", "200, '', true"})
    void aConditionalWriteSaysWhetherItWrote(int answered, String reason, boolean wrote) {
        status = answered;
        code = reason;
        assertThat(store.putIfAbsent("manifest.json", new byte[] {1})).isEqualTo(wrote);
        assertThat(conditions).isNotEmpty().allMatch("*"::equals);
    }

    @Test
    void aServerWithoutConditionalWritesIsRefused() {
        status = 501;
        code = "NotImplemented";
        assertThatThrownBy(() -> store.putIfAbsent("manifest.json", new byte[] {1}))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining("said by a test");
    }
}
