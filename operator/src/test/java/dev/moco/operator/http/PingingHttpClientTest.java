package dev.moco.operator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Web sockets whose servers fall silent. */
class PingingHttpClientTest {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int INFORMERS = 20;
    private static final int LOST = 5;

    @ParameterizedTest(name = "after {0} answers")
    @ValueSource(ints = {0, 3})
    void aSilentServerIsAnErrorOnce(int answers) throws Exception {
        List<String> ends = new CopyOnWriteArrayList<>();
        try (WebSocketServer server = new WebSocketServer(connection -> {
            connection.upgrade();
            connection.pong(answers);
            connection.silence();
        })) {
            open(server, Duration.ofSeconds(1), ends);
            await().atMost(PATIENCE).until(() -> !ends.isEmpty());
            assertThat(ends).containsExactly("java.io.IOException: no message and no answer to a ping for PT1S");
        }
    }

    @Test
    void aServerThatAnswersMayHaveNoMessages() throws Exception {
        List<String> ends = new CopyOnWriteArrayList<>();
        AtomicLong clock = new AtomicLong();
        PingedListener listener =
                new PingedListener(errors(ends), Duration.ofMillis(20), Duration.ofSeconds(60), clock::get);
        try (WebSocketServer server = new WebSocketServer(connection -> {
            connection.upgrade();
            connection.pong(Integer.MAX_VALUE);
        })) {
            HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(server.uri(), listener)
                    .join();
            for (int i = 0; i < 5; i++) {
                long now = clock.addAndGet(Duration.ofSeconds(50).toNanos());
                await().atMost(PATIENCE).until(() -> listener.lastHeard() == now);
            }
            assertThat(ends).isEmpty();
        }
    }

    private static void open(WebSocketServer server, Duration silence, List<String> ends) {
        new PingingHttpClientFactory(Duration.ofMillis(20), silence)
                .createNewHttpClientBuilder()
                .build()
                .newWebSocketBuilder()
                .buildAsync(server.uri(), errors(ends))
                .join();
    }

    private static WebSocket.Listener errors(List<String> ends) {
        return new WebSocket.Listener() {
            @Override
            public void onError(WebSocket socket, Throwable error) {
                ends.add(error.toString());
            }
        };
    }

    /** The JDK's client loses the end of some of these connections. */
    @Test
    void informersOutliveConnectionsThatEndAfterTheirFirstMessage() throws Exception {
        Map<String, Integer> watches = new ConcurrentHashMap<>();
        try (WebSocketServer server = new WebSocketServer(connection -> serve(connection, watches));
                KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(new ConfigBuilder(Config.empty())
                                .withMasterUrl("http://" + server.authority())
                                .withWatchReconnectInterval(10)
                                .build())
                        .withHttpClientFactory(
                                new PingingHttpClientFactory(Duration.ofMillis(100), Duration.ofSeconds(5)))
                        .build()) {
            List<SharedIndexInformer<ConfigMap>> informers = new ArrayList<>();
            for (int i = 0; i < INFORMERS; i++) {
                informers.add(client.configMaps().inNamespace("n" + i).inform());
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(informers)
                            .allSatisfy(informer ->
                                    assertThat(informer.getStore().listKeys()).anyMatch(key -> key.endsWith("/last"))));
        }
    }

    /** Ends the first watches of a namespace after a message; the next one reports an object, and stays. */
    private static void serve(WebSocketServer.Connection connection, Map<String, Integer> watches) throws IOException {
        if (!connection.request().contains("watch=true")) {
            connection.json("{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\","
                    + "\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}");
            return;
        }
        String namespace = connection.request().replaceAll(".*/namespaces/([^/]+)/.*", "$1");
        boolean last = watches.merge(namespace, 1, Integer::sum) > LOST;
        connection.upgrade();
        connection.message(("{\"type\":\"ADDED\",\"object\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\","
                        + "\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\",\"resourceVersion\":\"2\"}}}")
                .formatted(last ? "last" : "first", namespace));
        if (last) {
            connection.pong(Integer.MAX_VALUE);
        }
    }
}
