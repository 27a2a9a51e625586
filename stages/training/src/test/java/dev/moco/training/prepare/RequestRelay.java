package dev.moco.training.prepare;

import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A TCP relay to an S3 server, with an action before one of the requests of a kind. */
public final class RequestRelay implements AutoCloseable {
    /** Longer than the part of a request's first line that a pattern matches. */
    private static final int KEPT = 1024;

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final StoreLocation server;
    private final Pattern kind;
    private final int number;
    private final BooleanSupplier action;
    private int requests;

    /**
     * Starts a relay.
     *
     * @param kind matches the first line of the requests
     * @param number of the request before which the action runs, from 1; 0 for none
     * @param action returns whether the request passes; while it runs, no other request does
     */
    public RequestRelay(StoreLocation server, Pattern kind, int number, BooleanSupplier action) throws IOException {
        this.server = server;
        this.kind = kind;
        this.number = number;
        this.action = action;
        start(this::accept);
    }

    /** Location of the server through this relay. */
    public StoreLocation location() {
        return new StoreLocation(
                server.bucket(),
                server.prefix(),
                "http://127.0.0.1:" + socket.getLocalPort(),
                server.region(),
                server.pathStyle(),
                server.checksums());
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                URI to = URI.create(String.valueOf(server.endpoint()));
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), to.getPort());
                start(() -> pump(client, upstream, true));
                start(() -> pump(upstream, client, false));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pump(Socket from, Socket to, boolean watched) {
        StringBuilder text = new StringBuilder();
        byte[] bytes = new byte[1 << 16];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                if (watched) {
                    watch(text.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1)));
                }
                out.write(bytes, 0, count);
            }
        } catch (IOException e) {
            // one side is closed, which closes the other
        }
    }

    private synchronized void watch(StringBuilder text) throws IOException {
        Matcher matcher = kind.matcher(text);
        int end = Math.max(0, text.length() - KEPT);
        while (matcher.find()) {
            end = Math.max(end, matcher.end());
            requests++;
            if (requests == number && !action.getAsBoolean()) {
                throw new IOException("the request does not pass");
            }
        }
        text.delete(0, end);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
