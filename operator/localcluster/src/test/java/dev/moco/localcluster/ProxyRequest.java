package dev.moco.localcluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** An HTTP request with its head as lines. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ProxyRequest(List<String> head, byte[] body) {
    static ProxyRequest read(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (!bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return new ProxyRequest(List.of(), new byte[0]);
            }
            bytes.write(next);
        }
        List<String> head =
                bytes.toString(StandardCharsets.ISO_8859_1).strip().lines().toList();
        ProxyRequest request = new ProxyRequest(head, new byte[0]);
        if (request.header("transfer-encoding").equals("chunked")) {
            return new ProxyRequest(head, chunks(in));
        }
        String length = request.header("content-length");
        return new ProxyRequest(head, length.isEmpty() ? new byte[0] : in.readNBytes(Integer.parseInt(length)));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int size;
        do {
            size = Integer.parseInt(line(in), 16);
            body.write(in.readNBytes(size));
            line(in);
        } while (size > 0);
        return body.toByteArray();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private String header(String name) {
        return head.stream()
                .skip(1)
                .filter(line -> named(line, name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip().toLowerCase(Locale.ROOT))
                .findFirst()
                .orElse("");
    }

    private static boolean named(String line, String name) {
        return line.toLowerCase(Locale.ROOT).startsWith(name + ":");
    }

    boolean upgrades() {
        return header("upgrade").equals("websocket");
    }

    boolean write() {
        return !head.get(0).startsWith("GET ");
    }

    ApiProxy.Write asWrite() {
        String[] line = head.get(0).split(" ", 3);
        return new ApiProxy.Write(line[0], line[1].replaceAll("\\?.*", ""), new String(body, StandardCharsets.UTF_8));
    }

    /** The head to send to the server. */
    String forwarded(String authority) {
        StringBuilder out = new StringBuilder(head.get(0)).append("\r\n");
        for (String line : head.subList(1, head.size())) {
            boolean hop = named(line, "host")
                    || named(line, "content-length")
                    || named(line, "transfer-encoding")
                    || (!upgrades()
                            && (named(line, "connection") || named(line, "upgrade") || named(line, "http2-settings")));
            if (!hop) {
                out.append(line).append("\r\n");
            }
        }
        out.append("Host: ").append(authority).append("\r\n");
        if (!upgrades()) {
            out.append("Connection: close\r\n");
        }
        if (body.length > 0 || write()) {
            out.append("Content-Length: ").append(body.length).append("\r\n");
        }
        return out.append("\r\n").toString();
    }
}
