package dev.moco.operator.http;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of web sockets on loopback that decides about each connection after its handshake was read. */
final class WebSocketServer implements AutoCloseable {
    private static final int PING = 0x89;
    private static final int PONG = 0x8A;
    private final ServerSocket socket = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Serves a request. */
    interface Handler {
        void handle(Connection connection) throws IOException;
    }

    WebSocketServer(Handler handler) throws IOException {
        threads.execute(() -> {
            while (!socket.isClosed()) {
                try {
                    Socket client = socket.accept();
                    open.add(client);
                    threads.execute(() -> serve(client, handler));
                } catch (IOException e) {
                    // closed
                }
            }
        });
    }

    String authority() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    URI uri() {
        return URI.create("ws://" + authority() + "/");
    }

    private void serve(Socket client, Handler handler) {
        try (client) {
            client.setTcpNoDelay(true);
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            String path = reader.readLine();
            String key = "";
            for (String line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
                if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:")) {
                    key = line.substring(line.indexOf(':') + 1).strip();
                }
            }
            if (path != null) {
                handler.handle(new Connection(client, path, key));
            }
        } catch (IOException e) {
            // a client that has gone
        } finally {
            open.remove(client);
        }
    }

    /** A request whose handshake was read; closed when its handler returns. */
    record Connection(Socket socket, String request, String key) {
        private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

        void json(String body) throws IOException {
            socket.getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body)
                            .getBytes(StandardCharsets.UTF_8));
        }

        void upgrade() throws IOException {
            try {
                byte[] digest =
                        MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream()
                        .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                        + "Sec-WebSocket-Accept: "
                                        + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Sends a message of at least 126 bytes. */
        void message(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(0x81);
            frame.write(126);
            frame.write(bytes.length >> 8);
            frame.write(bytes.length & 0xFF);
            frame.write(bytes);
            frame.writeTo(socket.getOutputStream());
        }

        /** Answers so many pings. */
        void pong(int pings) throws IOException {
            for (int answered = 0; answered < pings; ) {
                if (frame() == PING) {
                    socket.getOutputStream().write(new byte[] {(byte) PONG, 0});
                    answered++;
                }
            }
        }

        /** Reads until the client leaves. */
        void silence() throws IOException {
            while (true) {
                frame();
            }
        }

        /** Reads a short frame of the client, which is masked; returns its first byte. */
        private int frame() throws IOException {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int kind = in.readUnsignedByte();
            int length = in.readUnsignedByte() & 0x7F;
            in.readFully(new byte[4 + length]);
            return kind;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket client : open) {
            client.close();
        }
        threads.shutdownNow();
    }
}
