package dev.moco.operator.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.moco.contract.StageFailure;
import dev.moco.operator.storage.DaemonThreads;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** HTTP server of the health probes or of the metrics endpoint. */
final class HealthServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads;

    private HealthServer(InetSocketAddress address) {
        try {
            server = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw StageFailure.badConfig("cannot listen on " + address + ": " + e.getMessage(), e);
        }
        threads = Executors.newFixedThreadPool(2, DaemonThreads.named("http"));
        server.setExecutor(threads);
    }

    /** Serves {@code /healthz} and {@code /readyz}; the suppliers return the problem, or an empty text if healthy. */
    static HealthServer probes(InetSocketAddress address, Supplier<String> alive, Supplier<String> ready) {
        HealthServer made = new HealthServer(address);
        made.server.createContext("/healthz", exchange -> answer(exchange, alive.get()));
        made.server.createContext("/readyz", exchange -> answer(exchange, ready.get()));
        made.server.start();
        return made;
    }

    static HealthServer metrics(InetSocketAddress address, PrometheusRegistry registry) {
        HealthServer made = new HealthServer(address);
        made.server.createContext("/metrics", new MetricsHandler(registry));
        made.server.start();
        return made;
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    private static void answer(HttpExchange exchange, String wrong) throws IOException {
        try (exchange) {
            byte[] text = (wrong.isEmpty() ? "ok\n" : wrong + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(wrong.isEmpty() ? 200 : 503, text.length);
            exchange.getResponseBody().write(text);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
