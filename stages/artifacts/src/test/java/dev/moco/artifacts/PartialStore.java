package dev.moco.artifacts;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A small S3 server in memory that does not do everything, as other stores do not. It verifies no signatures. */
final class PartialStore implements AutoCloseable {
    final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    boolean ignoresConditions;
    boolean ignoresRanges;
    /** The next write is made, and its answer lost. */
    boolean losesAnswer;

    private final HttpServer server;
    private Predicate<HttpExchange> refused = request -> false;
    private int status;
    private String error = "";

    PartialStore() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.start();
    }

    StoreLocation location(boolean checksums) {
        String endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
        return new StoreLocation("bucket", "prefix", endpoint, null, true, checksums);
    }

    /** Refuses some requests with an error of S3; the answer to a HEAD request has no body. */
    void refuse(Predicate<HttpExchange> requests, int status, String code, String message) {
        this.refused = requests;
        this.status = status;
        this.error = "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>";
    }

    /** Returns whether a request has a checksum of the SDK. */
    static boolean hasChecksum(HttpExchange request) {
        Headers headers = request.getRequestHeaders();
        return headers.containsKey("x-amz-trailer")
                || headers.keySet().stream()
                        .anyMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("x-amz-checksum"));
    }

    private void serve(HttpExchange request) throws IOException {
        try (request) {
            byte[] body = body(request);
            if (refused.test(request)) {
                answer(request, status, error.getBytes(StandardCharsets.UTF_8));
                return;
            }
            String query = String.valueOf(request.getRequestURI().getQuery());
            String key = request.getRequestURI().getPath();
            switch (request.getRequestMethod()) {
                case "PUT" -> {
                    boolean condition = request.getRequestHeaders().containsKey("If-None-Match");
                    if (condition && !ignoresConditions && objects.containsKey(key)) {
                        answer(request, 412, new byte[0]);
                    } else {
                        objects.put(query.contains("partNumber") ? key + "?part" : key, body);
                        request.getResponseHeaders().set("ETag", "\"1\"");
                        if (losesAnswer) {
                            losesAnswer = false;
                            return;
                        }
                        answer(request, 200, new byte[0]);
                    }
                }
                case "POST" -> {
                    if (query.contains("uploadId")) {
                        objects.put(key, objects.remove(key + "?part"));
                        answer(request, 200, "<CompleteMultipartUploadResult/>".getBytes(StandardCharsets.UTF_8));
                    } else {
                        answer(
                                request,
                                200,
                                "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
                                        .getBytes(StandardCharsets.UTF_8));
                    }
                }
                case "DELETE" -> {
                    objects.remove(key);
                    answer(request, 204, new byte[0]);
                }
                default -> get(request, objects.get(key));
            }
        }
    }

    private void get(HttpExchange request, byte @Nullable [] object) throws IOException {
        List<String> range = request.getRequestHeaders().get("Range");
        if (object == null) {
            answer(request, 404, "<Error><Code>NoSuchKey</Code></Error>".getBytes(StandardCharsets.UTF_8));
        } else if (range == null || ignoresRanges) {
            answer(request, 200, object);
        } else {
            String[] ends = range.get(0).replace("bytes=", "").split("-", -1);
            answer(request, 206, Arrays.copyOfRange(object, Integer.parseInt(ends[0]), Integer.parseInt(ends[1]) + 1));
        }
    }

    /** The content of a body, which the SDK may send in chunks of its own with signatures between them. */
    private static byte[] body(HttpExchange request) throws IOException {
        byte[] body = request.getRequestBody().readAllBytes();
        String encoding = String.valueOf(request.getRequestHeaders().getFirst("Content-Encoding"));
        if (!encoding.contains("aws-chunked")) {
            return body;
        }
        String text = new String(body, StandardCharsets.ISO_8859_1);
        int start = text.indexOf("\r\n") + 2;
        int length = Integer.parseInt(text.substring(0, start - 2).split(";", 2)[0], 16);
        return Arrays.copyOfRange(body, start, start + length);
    }

    private static void answer(HttpExchange request, int status, byte[] body) throws IOException {
        boolean empty = body.length == 0 || request.getRequestMethod().equals("HEAD");
        request.sendResponseHeaders(status, empty ? -1 : body.length);
        if (!empty) {
            request.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
