package dev.moco.operator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.localcluster.ApiProxy;
import dev.moco.localcluster.TestCluster;
import io.fabric8.kubernetes.client.Config;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The API server's own answers to pings. */
class ApiServerPingIT {
    private static final String WATCH = "/api/v1/namespaces/none/configmaps?watch=true";

    @Test
    void anApiServerAnswersPingsOfAWatch() throws Exception {
        List<Throwable> errors = new CopyOnWriteArrayList<>();
        AtomicLong clock = new AtomicLong();
        PingedListener listener = new PingedListener(
                new WebSocket.Listener() {
                    @Override
                    public void onError(WebSocket socket, Throwable error) {
                        errors.add(error);
                    }
                },
                Duration.ofMillis(100),
                Duration.ofSeconds(90),
                clock::get);
        Config cluster = Config.fromKubeconfig(TestCluster.get().kubeconfig().toFile());
        try (ApiProxy proxy = new ApiProxy(cluster, write -> ApiProxy.Fault.NONE)) {
            HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .header("Origin", proxy.address())
                    .header("Authorization", "Bearer " + cluster.getAutoOAuthToken())
                    .buildAsync(URI.create(proxy.address().replace("http", "ws") + WATCH), listener)
                    .join();
            for (int i = 0; i < 10; i++) {
                long now = clock.addAndGet(Duration.ofSeconds(60).toNanos());
                await().atMost(Duration.ofMinutes(10)).until(() -> listener.lastHeard() == now);
            }
        }
        // No error before the proxy was closed.
        assertThat(errors).allSatisfy(error -> assertThat(error).hasMessageNotContaining("ping"));
    }
}
