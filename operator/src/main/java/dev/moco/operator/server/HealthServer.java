package dev.moco.operator.server;

import dev.moco.contract.StageFailure;
import dev.moco.operator.storage.DaemonThreads;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP server of the health probes or of the metrics endpoint: one GET a connection.
 *
 * <p>A connection above the limit closes the oldest one, and a new one waits while threads of closed ones still work. So
 * clients that send half a request, or read no answer, neither keep a probe out nor take threads and memory without
 * bound; the JDK's server lets them do both.
 */
final class HealthServer implements AutoCloseable {
    /** Connections to the probes. */
    static final int PROBES = 32;
    /** Connections to the metrics, whose text is large with many experiments. */
    static final int SCRAPES = 4;

    private static final Logger LOG = LoggerFactory.getLogger(HealthServer.class);
    private static final int REQUEST_BYTES = 8192;
    private static final String END_OF_HEADERS = "\r\n\r\n";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final ServerSocket server;
    private final Map<String, Supplier<HttpAnswer>> pages;
    private final ThreadFactory threads = DaemonThreads.named("http");
    private final int limit;
    private final Semaphore free;
    private final Deque<Socket> connections = new ArrayDeque<>();

    private record HttpAnswer(int code, String contentType, ByteBuffer body) {
        static HttpAnswer text(int code, String text) {
            return new HttpAnswer(code, TEXT, StandardCharsets.UTF_8.encode(text + "\n"));
        }
    }

    private HealthServer(InetSocketAddress address, int limit, Map<String, Supplier<HttpAnswer>> pages) {
        this.limit = limit;
        this.free = new Semaphore(2 * limit);
        this.pages = pages;
        try {
            server = new ServerSocket(address.getPort(), 0, address.getAddress());
        } catch (IOException e) {
            throw StageFailure.badConfig("cannot listen on " + address + ": " + e.getMessage(), e);
        }
        threads.newThread(this::accept).start();
    }

    /** Serves {@code /healthz} and {@code /readyz}; the suppliers return the problem, or an empty text if healthy. */
    static HealthServer probes(InetSocketAddress address, Supplier<String> alive, Supplier<String> ready) {
        return new HealthServer(
                address, PROBES, Map.of("/healthz", () -> health(alive.get()), "/readyz", () -> health(ready.get())));
    }

    private static HttpAnswer health(String problem) {
        return problem.isEmpty() ? HttpAnswer.text(200, "ok") : HttpAnswer.text(503, problem);
    }

    static HealthServer metrics(InetSocketAddress address, PrometheusRegistry registry) {
        PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
        return new HealthServer(address, SCRAPES, Map.of("/metrics", () -> {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            try {
                writer.write(body, registry.scrape());
            } catch (IOException e) {
                throw new AssertionError("writing to memory", e);
            }
            return new HttpAnswer(200, writer.getContentType(), ByteBuffer.wrap(body.toByteArray()));
        }));
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                opened(connection);
                free.acquire();
                threads.newThread(() -> serve(connection)).start();
            } catch (IOException e) {
                // The server was closed, or the client is gone already.
                LOG.debug("connection refused: {}", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private synchronized void opened(Socket connection) throws IOException {
        connections.addLast(connection);
        if (connections.size() > limit) {
            connections.removeFirst().close();
        }
    }

    private synchronized void ended(Socket connection) {
        connections.remove(connection);
    }

    private void serve(Socket connection) {
        try (connection) {
            String request = request(connection.getInputStream());
            if (!request.isEmpty()) {
                write(answer(request), connection.getOutputStream());
            }
        } catch (IOException e) {
            LOG.debug("no answer: {}", e.getMessage());
        } finally {
            ended(connection);
            free.release();
        }
    }

    /** The request line, once the headers are complete; empty if the client sends less, or too much. */
    private static String request(InputStream in) throws IOException {
        byte[] buffer = new byte[REQUEST_BYTES];
        int length = 0;
        while (length < buffer.length) {
            int read = in.read(buffer, length, buffer.length - length);
            if (read < 0) {
                return "";
            }
            length += read;
            String text = new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
            if (text.contains(END_OF_HEADERS)) {
                return text.substring(0, text.indexOf("\r\n"));
            }
        }
        return "";
    }

    private HttpAnswer answer(String request) {
        String[] parts = request.split(" ", -1);
        if (parts.length != 3 || !parts[0].equals("GET")) {
            return HttpAnswer.text(405, "only GET");
        }
        Supplier<HttpAnswer> page = pages.get(parts[1].replaceFirst("\\?.*", ""));
        if (page == null) {
            return HttpAnswer.text(404, "no such page");
        }
        try {
            return page.get();
        } catch (RuntimeException e) {
            LOG.error("path={} failed", parts[1], e);
            return HttpAnswer.text(500, "failed; the log says why");
        }
    }

    private static void write(HttpAnswer answer, OutputStream out) throws IOException {
        String head = "HTTP/1.1 " + answer.code() + " \r\nContent-Type: " + answer.contentType()
                + "\r\nContent-Length: " + answer.body().remaining() + "\r\nConnection: close" + END_OF_HEADERS;
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(answer.body().array(), 0, answer.body().remaining());
        out.flush();
    }

    @Override
    public synchronized void close() {
        try {
            server.close();
            for (Socket connection : connections) {
                connection.close();
            }
        } catch (IOException e) {
            LOG.debug("not closed: {}", e.getMessage());
        }
    }
}
