package dev.moco.operator.reconcile;

import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A proxy between a client and a server on loopback whose connections can be cut and restored. */
public final class CutNetwork implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private final AtomicLong sent = new AtomicLong();
    private final int port;
    private volatile boolean cut;

    /** Starts a proxy to a port of this machine. */
    public CutNetwork(int port) throws IOException {
        this.port = port;
        threads.execute(this::accept);
    }

    /** Starts a proxy to a store. */
    public static CutNetwork to(StoreLocation store) throws IOException {
        return new CutNetwork(
                URI.create(Objects.requireNonNull(store.endpoint())).getPort());
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** The location of the store behind this proxy. */
    public StoreLocation through(StoreLocation store) {
        return new StoreLocation(
                store.bucket(),
                store.prefix(),
                "http://127.0.0.1:" + port(),
                store.region(),
                store.pathStyle(),
                store.checksums());
    }

    /** Bytes that clients have sent so far. Clients keep connections, so connections do not show requests. */
    public long sent() {
        return sent.get();
    }

    /** Closes every connection and refuses new ones. */
    public void cut() throws IOException {
        cut = true;
        for (Socket connection : open) {
            connection.close();
        }
        open.clear();
    }

    public void mend() {
        cut = false;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                if (cut) {
                    client.close();
                    continue;
                }
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                open.addAll(List.of(client, server));
                if (cut) { // since it was accepted
                    client.close();
                    server.close();
                    continue;
                }
                threads.execute(() -> pass(client, server, sent));
                threads.execute(() -> pass(server, client, new AtomicLong()));
            } catch (IOException e) {
                // The end of one connection does not end the proxy.
            }
        }
    }

    private static void pass(Socket from, Socket to, AtomicLong passed) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[8192];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                passed.addAndGet(count);
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // one side has closed
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        cut();
        threads.shutdownNow();
    }
}
