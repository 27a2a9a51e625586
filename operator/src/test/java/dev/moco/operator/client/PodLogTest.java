package dev.moco.operator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.moco.operator.client.PodLog.ReadResult;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodLogTest {
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final List<String> requests = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private HttpServer server;
    private KubernetesClient client;
    private PodLog log;

    private record Answer(int code, String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.add(exchange.getRequestURI().toString());
                Answer answer = answers.remove();
                byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(answer.code(), body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withRequestRetryBackoffLimit(0)
                .build();
        client = new KubernetesClientBuilder().withConfig(config).build();
        log = new PodLog(client, "team", "p-1", "the cluster");
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    @Test
    void aBrokenStreamIsResumedAfterTheLastLine() throws InterruptedException {
        answers.add(new Answer(200, """
                2026-01-01T00:00:01.100000000Z one
                2026-01-01T00:00:01.200000000Z two
                2026-01-01T00:00:01.200000000Z two, in the same instant
                """));
        answers.add(new Answer(200, """
                2026-01-01T00:00:01.100000000Z one
                2026-01-01T00:00:01.200000000Z two
                2026-01-01T00:00:01.200000000Z two, in the same instant
                2026-01-01T00:00:01.200000000Z two, later
                2026-01-01T02:00:03.000000000+02:00 three
                2026-01-01T00:00:04.000000000Z
                """));
        assertThat(log.read(true, 10, lines::add)).isEqualTo(ReadResult.READ);
        assertThat(log.read(true, 10, lines::add)).isEqualTo(ReadResult.READ);
        assertThat(lines).containsExactly("one", "two", "two, in the same instant", "two, later", "three", "");
        assertThat(requests)
                .containsExactly(
                        "/api/v1/namespaces/team/pods/p-1/log?container=stage&timestamps=true&follow=true&tailLines=10",
                        "/api/v1/namespaces/team/pods/p-1/log?container=stage&timestamps=true&follow=true"
                                + "&sinceTime=2026-01-01T00%3A00%3A01.200Z");
    }

    @Test
    void aLogWithoutTimestampsIsReadAgainFromItsBeginning() throws InterruptedException {
        answers.add(new Answer(200, "12:00:00 INFO one\n12:00:00 INFO one\n"));
        answers.add(new Answer(200, "12:00:00 INFO one\n12:00:00 INFO one\n12:00:01 INFO two\n"));
        assertThat(log.read(true, -1, lines::add)).isEqualTo(ReadResult.READ);
        assertThat(log.read(true, -1, lines::add)).isEqualTo(ReadResult.READ);
        assertThat(lines).containsExactly("12:00:00 INFO one", "12:00:00 INFO one", "12:00:01 INFO two");
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @CsvSource({
        "404, not found, GONE",
        "400, container is waiting to start: ContainerCreating, NOT_STARTED",
        "400, pod p-1 does not have a host assigned, NOT_STARTED",
        "502, dial tcp: connection refused, BROKEN"
    })
    void answersOfTheServerAreClassified(int code, String message, ReadResult end) throws InterruptedException {
        answers.add(new Answer(code, "{\"kind\":\"Status\",\"message\":\"" + message + "\"}"));
        assertThat(log.read(true, -1, lines::add)).isEqualTo(end);
        assertThat(lines).isEmpty();
    }

    @Test
    void aRefusalIsOneLine() {
        answers.add(new Answer(403, "{\"kind\":\"Status\",\"message\":\"pods \\\"p-1\\\" is forbidden\"}"));
        assertThatThrownBy(() -> log.read(true, -1, lines::add))
                .hasMessage("the cluster: you may not read the log of pod p-1: pods \"p-1\" is forbidden; ask for the"
                        + " ClusterRole view there, which reads experiments, pods and logs");
    }
}
