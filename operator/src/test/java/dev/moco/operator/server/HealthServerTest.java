package dev.moco.operator.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthServerTest {
    private static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final AtomicReference<String> problem = new AtomicReference<>("");
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final HealthServer probes = HealthServer.probes(LOOPBACK, problem::get, () -> "starting");
    private final HealthServer metrics = HealthServer.metrics(LOOPBACK, registry);
    private final List<Socket> open = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
        probes.close();
        metrics.close();
    }

    @Test
    void probesAnswerWithTheProblem() throws Exception {
        assertThat(get(probes, "/healthz")).isEqualTo("200 ok\n");
        assertThat(get(probes, "/readyz?verbose")).isEqualTo("503 starting\n");
        problem.set("no watch");
        assertThat(get(probes, "/healthz")).isEqualTo("503 no watch\n");
        assertThat(get(probes, "/other")).startsWith("404 ");
        assertThat(send(HttpRequest.newBuilder(uri(probes, "/healthz"))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build()))
                .startsWith("405 ");
    }

    @Test
    void metricsAreScrapedAsText() throws Exception {
        Gauge.builder()
                .name("moco_example")
                .help("An example.")
                .register(registry)
                .set(2);
        assertThat(get(metrics, "/metrics")).startsWith("200 ").contains("moco_example 2.0\n");
    }

    @ParameterizedTest(name = "clients that send \"{0}\"")
    @ValueSource(strings = {"", "GET /healthz HTT", "GET /healthz HTTP/1.1\r\nHost: a\r\n"})
    void halfOpenConnectionsKeepNoProbeOut(String half) throws Exception {
        for (int i = 0; i < 4 * HealthServer.PROBES; i++) {
            halfOpen(half);
        }
        assertThat(get(probes, "/healthz")).isEqualTo("200 ok\n");
        // All but the newest are closed.
        await().atMost(Duration.ofMinutes(10))
                .until(() -> open.stream().filter(this::isOpen).count() <= HealthServer.PROBES);
    }

    @Test
    void scrapesThatReadNoAnswerTakeFewThreads() throws Exception {
        Gauge large =
                Gauge.builder().name("moco_large").help("x".repeat(1 << 24)).register(registry);
        large.set(2);
        for (int i = 0; i < 10 * HealthServer.SCRAPES; i++) {
            Socket socket =
                    new Socket(metrics.address().getAddress(), metrics.address().getPort());
            open.add(socket);
            socket.getOutputStream().write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(get(metrics, "/metrics")).startsWith("200 ").contains("moco_large 2.0\n");
        // A thread that has made room for another is in its last lines.
        await().atMost(Duration.ofMinutes(10))
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().values().stream()
                                .filter(frames -> List.of(frames).stream()
                                        .anyMatch(frame -> frame.getClassName().equals(HealthServer.class.getName())
                                                && frame.getMethodName().equals("serve"))))
                        .hasSizeLessThanOrEqualTo(2 * HealthServer.SCRAPES));
    }

    @Test
    void anEndlessRequestIsCutOff() throws Exception {
        Socket endless = halfOpen("GET /healthz HTTP/1.1\r\nX: " + "a".repeat(9000));
        await().atMost(Duration.ofMinutes(10)).until(() -> !isOpen(endless));
        assertThat(get(probes, "/healthz")).isEqualTo("200 ok\n");
    }

    private Socket halfOpen(String sent) throws IOException {
        Socket socket =
                new Socket(probes.address().getAddress(), probes.address().getPort());
        open.add(socket);
        socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** True until the server closes its side; half a request gets no answer. */
    private boolean isOpen(Socket socket) {
        try {
            socket.setSoTimeout(50);
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static URI uri(HealthServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    private static String get(HealthServer server, String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(server, path))
                .timeout(Duration.ofMinutes(10))
                .build());
    }

    private static String send(HttpRequest request) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }
}
