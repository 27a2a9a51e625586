package dev.moco.operator.neighbors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.operator.manifests.ManifestFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A Prometheus on loopback that scrapes one operator every second and evaluates the alerts of {@code manifests/monitoring}. */
final class Prometheus implements AutoCloseable {
    private static final String PACKAGE = "prometheus";

    private final int port;
    private final NeighborProcess process;

    private Prometheus(int port, NeighborProcess process) {
        this.port = port;
        this.process = process;
    }

    /**
     * A program of Debian's package: that of {@code PATH}, or else one that is downloaded once into the user's cache. Nothing
     * is installed.
     */
    static String program(String name) throws IOException, InterruptedException {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, name))) {
                return name;
            }
        }
        Path cache = Caches.folder("neighbors").resolve(PACKAGE);
        Path program = cache.resolve("usr/bin").resolve(name);
        if (!Files.isExecutable(program)) {
            Path download = Files.createTempDirectory("prometheus");
            Command.of("apt-get", "download", PACKAGE).in(download).output();
            try (Stream<Path> files = Files.list(download)) {
                for (Path file : files.toList()) {
                    Command.of("dpkg", "-x", file.toString(), cache.toString()).output();
                    Files.delete(file);
                }
            }
            Files.delete(download);
        }
        return program.toString();
    }

    static Prometheus start(Path folder, InetSocketAddress operator) throws IOException, InterruptedException {
        int port = NeighborProcess.freePort();
        Path rules = ManifestFiles.ROOT.resolve("monitoring/rules.yaml").toRealPath();
        Path configuration =
                Files.writeString(folder.resolve("prometheus.yaml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: [%s]
                scrape_configs:
                  - job_name: moco-operator
                    honor_labels: true
                    static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(rules, operator.getPort()));
        NeighborProcess process = new NeighborProcess(
                new ProcessBuilder(
                        program("prometheus"),
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port),
                folder.resolve("prometheus.log"));
        Prometheus prometheus = new Prometheus(port, process);
        process.awaitReady(port, "/-/ready");
        return prometheus;
    }

    /** Samples of a query, each with {@code metric} and {@code value}; fails if Prometheus refuses it. */
    JsonNode query(String expression) throws IOException {
        return data("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .path("result");
    }

    /** The rules of all groups. */
    List<JsonNode> rules() throws IOException {
        return data("rules").path("groups").findValues("rules").stream()
                .flatMap(Prometheus::elements)
                .toList();
    }

    /** {@code NAME state} of each alert that is pending or fires. */
    List<String> alerts() throws IOException {
        return elements(data("alerts").path("alerts"))
                .map(alert -> alert.at("/labels/alertname").asText() + " "
                        + alert.path("state").asText())
                .toList();
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private JsonNode data(String request) throws IOException {
        HttpURLConnection connection = NeighborProcess.connection(port, "/api/v1/" + request);
        boolean fine = connection.getResponseCode() < HttpURLConnection.HTTP_BAD_REQUEST;
        try (InputStream body = fine ? connection.getInputStream() : connection.getErrorStream()) {
            JsonNode answer = new JsonMapper().readTree(body);
            if (!answer.path("status").asText().equals("success")) {
                throw new AssertionError(request + ": " + answer.path("error").asText());
            }
            return answer.path("data");
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
