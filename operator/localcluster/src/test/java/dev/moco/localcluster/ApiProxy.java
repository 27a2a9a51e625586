package dev.moco.localcluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLSocketFactory;

/**
 * A proxy between a client and the API server, on loopback without TLS. It can drop a write, lose its answer, or answer
 * instead of the server; reads pass unchanged. Watches can be dropped and delayed.
 */
public final class ApiProxy implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Set<Socket> watches = ConcurrentHashMap.newKeySet();
    private final SSLSocketFactory secure;
    private final URI server;
    private final Function<Write, Fault> faults;
    private volatile boolean dead;
    private volatile long silentUntil = System.nanoTime();

    /**
     * A request that changes objects.
     *
     * @param method of HTTP
     * @param path without the query
     * @param body usually JSON
     */
    public record Write(String method, String path, String body) {}

    /**
     * The fate of a write.
     *
     * @param applied true if the server receives it
     * @param answer HTTP status of the answer: 0 cuts the connection without one, 200 passes on the server's own
     * @param then runs after the server has answered, before the client is answered
     */
    public record Fault(boolean applied, int answer, Runnable then) {
        public static final Fault NONE = new Fault(true, 200, () -> {});

        /** An error status for a write that was not applied. */
        public static Fault refused(int answer) {
            return new Fault(false, answer, () -> {});
        }

        /** A lost connection: the client does not learn whether the write was applied. */
        public static Fault cut(boolean applied) {
            return new Fault(applied, 0, () -> {});
        }
    }

    /**
     * Starts a proxy to the API server of a configuration.
     *
     * @param faults the fate of each write
     */
    public ApiProxy(Config cluster, Function<Write, Fault> faults) throws IOException {
        this.server = URI.create(cluster.getMasterUrl());
        this.faults = faults;
        try {
            secure = SSLUtils.sslContext(cluster).getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
        threads.execute(this::accept);
    }

    /** URL of the proxy. */
    public String address() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    /** Ends every connection for good: to the server, the client is gone. */
    public void die() {
        dead = true;
        open.forEach(ApiProxy::close);
    }

    /** Ends every open watch; its client connects again. */
    public void dropWatches() {
        watches.forEach(ApiProxy::close);
    }

    /** Watches report nothing for a while, and then all of it. */
    public void delayWatches(Duration silence) {
        silentUntil = System.nanoTime() + silence.toNanos();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                // closed
            }
        }
    }

    /** One request for each connection: its answer ends where the server closes. */
    private void serve(Socket client) {
        open.add(client);
        try (client;
                Socket upstream = secure.createSocket(InetAddress.getLoopbackAddress(), server.getPort())) {
            open.add(upstream);
            try {
                ProxyRequest request = ProxyRequest.read(client.getInputStream());
                if (dead || request.head().isEmpty()) {
                    return;
                }
                if (request.upgrades()) {
                    watches.add(client);
                    send(upstream, request);
                    threads.execute(() -> pass(client, upstream));
                    passLate(upstream, client);
                } else if (request.write()) {
                    write(client, upstream, request);
                } else {
                    send(upstream, request);
                    pass(upstream, client);
                }
            } finally {
                open.remove(upstream);
                watches.remove(client);
            }
        } catch (IOException e) {
            // A broken connection does not end the proxy.
        } finally {
            open.remove(client);
        }
    }

    private void write(Socket client, Socket upstream, ProxyRequest request) throws IOException {
        Write write = request.asWrite();
        Fault fault = faults.apply(write);
        byte[] answer = new byte[0];
        // A request that waited here while its client died is lost with it.
        if (fault.applied() && !dead) {
            send(upstream, request);
            answer = upstream.getInputStream().readAllBytes();
        }
        fault.then().run();
        if (fault.answer() == 200) {
            client.getOutputStream().write(answer);
        } else if (fault.answer() != 0) {
            client.getOutputStream().write(status(fault.answer()));
        }
    }

    private static byte[] status(int code) {
        String reason = code == 409 ? "Conflict" : code == 429 ? "TooManyRequests" : "InternalError";
        String body = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"" + reason
                + "\",\"message\":\"a fault of the test\",\"code\":" + code + "}";
        return ("HTTP/1.1 " + code + " " + reason + "\r\nContent-Type: application/json\r\nConnection: close\r\n"
                        + (code == 429 ? "Retry-After: 1\r\n" : "") + "Content-Length: " + body.length() + "\r\n\r\n"
                        + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void send(Socket upstream, ProxyRequest request) throws IOException {
        OutputStream out = upstream.getOutputStream();
        out.write(request.forwarded(server.getAuthority()).getBytes(StandardCharsets.ISO_8859_1));
        out.write(request.body());
        out.flush();
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one side has closed
        } finally {
            close(from);
            close(to);
        }
    }

    /** Same for a watch, which waits while watches are silent. */
    private void passLate(Socket from, Socket to) {
        try {
            byte[] buffer = new byte[8192];
            for (int count = from.getInputStream().read(buffer);
                    count >= 0;
                    count = from.getInputStream().read(buffer)) {
                for (long left = silentUntil - System.nanoTime();
                        left > 0 && !dead;
                        left = silentUntil - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.sleep(left);
                }
                to.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException e) {
            // one side has closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(from);
            close(to);
        }
    }

    private static void close(Socket connection) {
        try {
            connection.close();
        } catch (IOException e) {
            // closed
        }
    }

    @Override
    public void close() throws IOException {
        die();
        socket.close();
        threads.shutdownNow();
    }
}
