package dev.moco.artifacts;

import static java.util.Objects.requireNonNull;

import dev.moco.contract.StoreLocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP relay that closes some connections after a number of bytes of the server's responses. */
final class FaultyRelay implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ByteArrayOutputStream requests = new ByteArrayOutputStream();
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private final StoreLocation server;
    private final int port;
    private final int limit;

    /** @param limit bytes after which a connection is closed */
    FaultyRelay(StoreLocation server, int limit) throws IOException {
        this.server = server;
        this.port = URI.create(requireNonNull(server.endpoint())).getPort();
        this.limit = limit;
        threads.execute(this::accept);
    }

    String endpoint() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    /** Location of the server through this relay. */
    StoreLocation location() {
        return new StoreLocation(
                server.bucket(), server.prefix(), endpoint(), server.region(), server.pathStyle(), server.checksums());
    }

    /** Returns all bytes that were sent to the server. */
    String requests() {
        return requests.toString(StandardCharsets.ISO_8859_1);
    }

    /** Closes all open connections, and cuts off the given number of new ones. */
    void cutOff(int connections) throws IOException {
        for (Socket connection : open) {
            connection.close();
        }
        open.clear();
        cuts.set(connections);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Socket target = new Socket(InetAddress.getLoopbackAddress(), port);
                open.addAll(List.of(client, target));
                int most = cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? limit : Integer.MAX_VALUE;
                threads.execute(() -> pass(client, target, Integer.MAX_VALUE, requests));
                threads.execute(() -> pass(target, client, most, OutputStream.nullOutputStream()));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private static void pass(Socket from, Socket to, int most, OutputStream copy) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            int left = most;
            for (int read = 0; left > 0 && read >= 0; ) {
                read = in.read(buffer, 0, Math.min(buffer.length, left));
                if (read > 0) {
                    copy.write(buffer, 0, read);
                    out.write(buffer, 0, read);
                    left -= most == Integer.MAX_VALUE ? 0 : read;
                }
            }
            to.shutdownOutput(); // a regular end of the stream, not a reset
        } catch (IOException e) {
            // The other direction closed both sockets.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        cutOff(0);
        threads.shutdownNow();
    }
}
