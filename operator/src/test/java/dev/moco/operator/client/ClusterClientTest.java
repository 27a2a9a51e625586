package dev.moco.operator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterClientTest {
    @TempDir
    Path folder;

    private HttpServer server;
    private int code;
    private String body = "";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(code, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @ParameterizedTest(name = "{0}: {3}")
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | Unauthorized | 78 | does not accept the credentials (401): log in again, or choose another"
                        + " --context",
                "403 | mocoexperiments.moco.dev is forbidden: User \"ada\" cannot list | 78 | : you may not list"
                        + " experiments: mocoexperiments.moco.dev is forbidden: User \"ada\" cannot list; ask for the"
                        + " ClusterRole view there, which reads experiments, pods and logs",
                "404 | the server could not find the requested resource | 78 | has no MoCoExperiment; install it:"
                        + " kubectl apply -k manifests/overlays/cluster",
                "500 | etcd is away | 1 | : cannot list experiments: etcd is away"
            })
    void aRefusalIsOneLineWithAdvice(int status, String message, int exitCode, String reason) throws IOException {
        code = status;
        body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":%s,\"message\":\"%s\"}"
                .formatted(status, message.replace("\"", "\\\""));
        try (ClusterClient cluster = ClusterClient.open(target("team"))) {
            assertThatThrownBy(() -> cluster.experiments(false, null))
                    .isInstanceOf(StageFailure.class)
                    .hasMessage(place() + (reason.startsWith(":") ? "" : " ") + reason)
                    .satisfies(failure ->
                            assertThat(((StageFailure) failure).exitCode()).isEqualTo(exitCode));
        }
    }

    @Test
    void aServerThatIsNotKubernetesIsReported() throws IOException {
        code = 200;
        body = "<html>hello</html>";
        try (ClusterClient cluster = ClusterClient.open(target("team"))) {
            assertThatThrownBy(() -> cluster.experiments(false, null))
                    .isInstanceOf(StageFailure.class)
                    .hasMessageStartingWith(place())
                    .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("\n"))
                    .satisfies(failure ->
                            assertThat(((StageFailure) failure).exitCode()).isEqualTo(ExitCode.FAULT));
        }
    }

    @Test
    void theNamespaceComesFromTheOptionTheContextOrTheDefault() throws IOException {
        try (ClusterClient own = ClusterClient.open(target("team"));
                ClusterClient none = ClusterClient.open(target(""))) {
            assertThat(own.namespace()).isEqualTo("team");
            assertThat(none.namespace()).isEqualTo("default");
        }
        Target target = target("team");
        try (ClusterClient other = ClusterClient.open(new Target(target.kubeconfig(), null, "other"))) {
            assertThat(other.namespace()).isEqualTo("other");
        }
    }

    private String place() {
        return "the cluster at http://127.0.0.1:" + server.getAddress().getPort() + " (context here)";
    }

    private Target target(String namespace) throws IOException {
        Path config = Files.writeString(folder.resolve("kubeconfig-" + namespace), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:%s"}}]
                users: [{name: u, user: {token: t}}]
                contexts: [{name: here, context: {cluster: c, user: u, namespace: "%s"}}]
                current-context: here
                """.formatted(
                        server.getAddress().getPort(), namespace));
        return new Target(config, null, null);
    }
}
