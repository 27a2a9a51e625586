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

/** A network that ends some connections to a server after a number of bytes of its answers. */
final class TearingRelay implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ByteArrayOutputStream asked = new ByteArrayOutputStream();
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private final AtomicInteger tears = new AtomicInteger();
    private final StoreLocation server;
    private final int port;
    private final int limit;

    /** @param limit bytes that pass before a connection is torn */
    TearingRelay(StoreLocation server, int limit) throws IOException {
        this.server = server;
        this.port = URI.create(requireNonNull(server.endpoint())).getPort();
        this.limit = limit;
        threads.execute(this::accept);
    }

    String endpoint() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    /** The server behind this network. */
    StoreLocation location() {
        return new StoreLocation(
                server.bucket(), server.prefix(), endpoint(), server.region(), server.pathStyle(), server.checksums());
    }

    /** All that was sent to the server. */
    String asked() {
        return asked.toString(StandardCharsets.ISO_8859_1);
    }

    /** Drops the connections there are, and tears this many of those yet to be made. */
    void tear(int connections) throws IOException {
        for (Socket connection : open) {
            connection.close();
        }
        open.clear();
        tears.set(connections);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Socket target = new Socket(InetAddress.getLoopbackAddress(), port);
                open.addAll(List.of(client, target));
                int most = tears.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? limit : Integer.MAX_VALUE;
                threads.execute(() -> pass(client, target, Integer.MAX_VALUE, asked));
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
            to.shutdownOutput(); // an end like any other, not a reset
        } catch (IOException e) {
            // The other direction closed both sockets.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        tear(0);
        threads.shutdownNow();
    }
}
