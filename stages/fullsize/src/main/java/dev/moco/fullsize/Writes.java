package dev.moco.fullsize;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Requests that write: PutObject, the four of multipart uploads, DeleteObject. */
final class Writes {
    private static final Pattern PART = Pattern.compile("<Part>.*?</Part>", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile("<PartNumber>(\\d+)</PartNumber>");
    private static final Pattern ETAG = Pattern.compile("<ETag>(?:&quot;|\")?(\\w+)(?:&quot;|\")?</ETag>");

    private final StoredObjects stored;
    private final Network network;
    private final Traffic traffic;

    Writes(StoredObjects stored, Network network, Traffic traffic) {
        this.stored = stored;
        this.network = network;
        this.traffic = traffic;
    }

    void serve(HttpExchange exchange, String path, Map<String, String> query) throws IOException {
        String upload = query.get("uploadId");
        switch (exchange.getRequestMethod()) {
            case "PUT" -> put(exchange, path, upload, query.get("partNumber"));
            case "POST" -> {
                if (upload == null) {
                    String id = stored.startUpload(path);
                    xml(
                            exchange,
                            "<InitiateMultipartUploadResult><UploadId>" + id
                                    + "</UploadId></InitiateMultipartUploadResult>");
                } else {
                    complete(exchange, path, upload);
                }
            }
            case "DELETE" -> {
                if (upload == null) {
                    stored.delete(path);
                } else {
                    stored.endUpload(upload);
                }
                exchange.sendResponseHeaders(204, -1);
            }
            default -> Answers.error(exchange, 501, "NotImplemented", exchange.getRequestMethod());
        }
    }

    private static void xml(HttpExchange exchange, String text) throws IOException {
        Answers.send(exchange, 200, "application/xml", text);
    }

    private static boolean onlyNew(HttpExchange exchange) {
        return "*".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
    }

    private void put(HttpExchange exchange, String path, @Nullable String upload, @Nullable String number)
            throws IOException {
        Part part = receive(exchange);
        if (part == null) {
            return;
        }
        String etag = part.etag();
        if (upload != null && number != null) {
            if (!stored.putPart(upload, Integer.parseInt(number), part)) {
                Answers.error(exchange, 404, "NoSuchUpload", upload);
                return;
            }
        } else if (stored.put(path, List.of(part), onlyNew(exchange)) == null) {
            Answers.error(exchange, 412, "PreconditionFailed", path + " exists");
            return;
        }
        exchange.getResponseHeaders().set("ETag", "\"" + etag + "\"");
        exchange.sendResponseHeaders(200, -1);
    }

    /** Reads the body of a request; answers and returns null if it is not what its headers state. */
    private @Nullable Part receive(HttpExchange exchange) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        Checksums checksums = new Checksums(headers::getFirst);
        InputStream body = network.up(exchange.getRequestBody());
        AwsChunkedStream chunked = null;
        String payload = headers.getFirst("x-amz-content-sha256");
        if (payload != null && payload.startsWith("STREAMING-")) {
            chunked = new AwsChunkedStream(body);
            body = chunked;
        }
        Part part = copy(body, checksums);
        String wrong = checksums.wrong(chunked == null ? Map.of() : chunked.trailers());
        String length = headers.getFirst(chunked == null ? "Content-Length" : "x-amz-decoded-content-length");
        if (wrong == null && (length == null || Long.parseLong(length) == part.size())) {
            return part;
        }
        Files.delete(part.rest());
        if (wrong != null) {
            Answers.error(exchange, 400, "BadDigest", "the body does not have the " + wrong + " that is stated");
        } else {
            Answers.error(exchange, 400, "IncompleteBody", part.size() + " bytes instead of " + length);
        }
        return null;
    }

    private Part copy(InputStream body, Checksums checksums) throws IOException {
        TarSplitter splitter = stored.receive();
        Part part = null;
        try (splitter) {
            byte[] buffer = new byte[1 << 16];
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                checksums.update(buffer, read);
                splitter.write(buffer, 0, read);
            }
            part = splitter.finish();
            traffic.received(part.size());
            return part;
        } finally {
            if (part == null) {
                splitter.delete();
            }
        }
    }

    private void complete(HttpExchange exchange, String path, String upload) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<Integer, Part> received = stored.parts(upload);
        if (received == null) {
            Answers.error(exchange, 404, "NoSuchUpload", upload);
            return;
        }
        List<Part> parts = new ArrayList<>();
        Matcher named = PART.matcher(body);
        while (named.find()) {
            Matcher number = NUMBER.matcher(named.group());
            Matcher etag = ETAG.matcher(named.group());
            Part part = number.find() && etag.find() ? received.get(Integer.valueOf(number.group(1))) : null;
            if (part == null || !part.etag().equals(etag.group(1))) {
                Answers.error(exchange, 400, "InvalidPart", "no such part: " + named.group());
                return;
            }
            parts.add(part);
        }
        Content object = stored.put(path, parts, onlyNew(exchange));
        if (object == null) {
            Answers.error(exchange, 412, "PreconditionFailed", path + " exists");
            return;
        }
        stored.endUpload(upload);
        xml(
                exchange,
                "<CompleteMultipartUploadResult><ETag>&quot;" + object.etag()
                        + "&quot;</ETag></CompleteMultipartUploadResult>");
    }
}
