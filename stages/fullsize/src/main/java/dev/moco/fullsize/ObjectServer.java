package dev.moco.fullsize;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A server on loopback with as much of S3's API as the stages use, over objects that are computed and objects that were
 * written. Signatures are not checked. {@code GET /} answers with the counts of requests and bytes.
 */
final class ObjectServer implements AutoCloseable {
    private final Map<String, KeyedObjects> computed;
    private final Network network;
    private final Traffic traffic = new Traffic();
    private final Writes writes;
    private final StoredObjects stored;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "server");
        thread.setDaemon(true);
        return thread;
    });

    static {
        // Else the system waits 40 ms between headers and body, and connections beyond 200 are closed after each
        // answer.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "1024");
    }

    /**
     * Starts the server.
     *
     * @param computed objects by the prefix of their keys, {@code bucket/prefix/}
     * @param port 0 for a free one
     */
    ObjectServer(Map<String, KeyedObjects> computed, StoredObjects stored, Network network, int port)
            throws IOException {
        this.computed = computed;
        this.stored = stored;
        this.network = network;
        writes = new Writes(stored, network, traffic);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    Traffic traffic() {
        return traffic;
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().substring(1);
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
        int port = exchange.getRemoteAddress().getPort();
        traffic.begin(query.containsKey("list-type") ? "LIST" : exchange.getRequestMethod(), port);
        try (exchange) {
            try {
                answer(exchange, path, query);
            } finally {
                // Before the exchange is closed: after that, its connection takes the next request.
                traffic.end();
            }
        }
    }

    private void answer(HttpExchange exchange, String path, Map<String, String> query) throws IOException {
        String method = exchange.getRequestMethod();
        network.delay();
        if (path.isEmpty()) {
            Answers.send(exchange, 200, "text/plain", traffic + "\n");
        } else if (query.containsKey("list-type")) {
            list(exchange, path.replaceFirst("/.*", ""), query);
        } else if (!path.contains("/")) {
            Answers.send(exchange, 200, "application/xml", "");
        } else if (method.equals("GET") || method.equals("HEAD")) {
            read(exchange, path);
        } else {
            writes.serve(exchange, path, query);
        }
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            query.put(parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private void list(HttpExchange exchange, String bucket, Map<String, String> query) throws IOException {
        String page = new Listing(computed, stored.objects(), bucket).page(query);
        byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
        traffic.sent(bytes.length);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        exchange.sendResponseHeaders(200, bytes.length);
        network.down(exchange.getResponseBody()).write(bytes, 0, bytes.length);
    }

    private @Nullable Content find(String path) {
        for (Map.Entry<String, KeyedObjects> objects : computed.entrySet()) {
            if (path.startsWith(objects.getKey())) {
                Content found =
                        objects.getValue().find(path.substring(objects.getKey().length()));
                if (found != null) {
                    return found;
                }
            }
        }
        return stored.get(path);
    }

    private void read(HttpExchange exchange, String path) throws IOException {
        Content content = find(path);
        if (content == null) {
            Answers.error(exchange, 404, "NoSuchKey", "no object " + path);
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        long[] bounds = bounds(range, content.size());
        if (bounds[0] >= bounds[1] && range != null) {
            Answers.error(exchange, 416, "InvalidRange", range + " of " + content.size() + " bytes");
            return;
        }
        long count = bounds[1] - bounds[0];
        var headers = exchange.getResponseHeaders();
        headers.set("ETag", "\"" + content.etag() + "\"");
        headers.set("Accept-Ranges", "bytes");
        headers.set("Content-Type", "application/octet-stream");
        headers.set("Last-Modified", "Sun, 01 Jan 2012 00:00:00 GMT");
        if (range != null) {
            headers.set("Content-Range", "bytes " + bounds[0] + "-" + (bounds[1] - 1) + "/" + content.size());
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            headers.set("Content-Length", Long.toString(count));
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, head || count == 0 ? -1 : count);
        if (!head && count > 0) {
            OutputStream out = network.down(exchange.getResponseBody());
            content.write(bounds[0], count, out);
            traffic.sent(count);
        }
    }

    /** First byte and the one behind the last. */
    private static long[] bounds(@Nullable String range, long size) {
        if (range == null) {
            return new long[] {0, size};
        }
        String[] ends = range.replace("bytes=", "").split("-", 2);
        if (ends[0].isEmpty()) {
            return new long[] {Math.max(0, size - Long.parseLong(ends[1])), size};
        }
        long last = ends[1].isEmpty() ? size : Math.min(size, Long.parseLong(ends[1]) + 1);
        return new long[] {Long.parseLong(ends[0]), last};
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
