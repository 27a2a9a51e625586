package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.moco.contract.Sha256;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * Fingerprints of raw data with very many files, which a server on loopback makes up by pages. {@code
 * -Dmoco.listing=1331167} lists as many as ImageNet has.
 */
class SourceListingTest {
    private static final int FILES = Integer.getInteger("moco.listing", 250_000);
    private static final int PAGE = 1000;
    private static final Pattern TOKEN = Pattern.compile("continuation-token=(\\d+)");

    private HttpServer server;
    private int files = FILES;
    private boolean endless;

    @TempDir
    Path folder;

    static {
        // Else the server waits 40 ms before it sends the body of a page.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "listing");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", this::list);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static String key(int file) {
        return "train/n%08d/n%08d_%08d.JPEG".formatted(file / 1300, file / 1300, file);
    }

    private static String etag(int file) {
        return "&quot;%032x&quot;".formatted(file * 31L);
    }

    private void list(HttpExchange exchange) throws IOException {
        Matcher token = TOKEN.matcher(exchange.getRequestURI().getQuery());
        int from = token.find() ? Integer.parseInt(token.group(1)) : 0;
        int to = Math.min(files, from + PAGE);
        StringBuilder page =
                new StringBuilder("<ListBucketResult><IsTruncated>" + (to < files || endless) + "</IsTruncated>");
        for (int file = from; file < to; file++) {
            page.append("<Contents><Key>raw/")
                    .append(key(file))
                    .append("</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>")
                    .append(etag(file))
                    .append("</ETag><Size>")
                    .append(file)
                    .append("</Size><StorageClass>STANDARD</StorageClass></Contents>");
        }
        page.append("<NextContinuationToken>").append(to).append("</NextContinuationToken></ListBucketResult>");
        byte[] bytes = page.toString().getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/xml");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Heap of {@code main}: classes and one page take about 20 MB. */
    private static final String HEAP = "-Xmx40m";

    @Test
    void aFingerprintTakesTheSameMemoryForAnyNumberOfFiles() throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SourceListingTest.class.getName(),
                        endpoint())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int exit = process.waitFor();
        List<String> lines = Files.readAllLines(output);
        assertThat(exit).as(String.join("\n", lines)).isZero();
        // The same bytes are hashed as ever: a fingerprint is part of the keys of committed results.
        MessageDigest digest = Sha256.digest();
        for (int file = 0; file < FILES; file++) {
            String stamp = etag(file).replace("&quot;", "\"");
            digest.update((key(file) + "\n" + file + "\n" + stamp + "\n").getBytes(StandardCharsets.UTF_8));
        }
        assertThat(lines).last().isEqualTo(Sha256.hex(digest.digest()));
        System.out.println(FILES + " files with " + HEAP + ": " + lines.get(lines.size() - 2));
    }

    /** Prints the time and memory of a listing, and its fingerprint. */
    public static void main(String[] arguments) throws IOException {
        long start = System.nanoTime();
        try (SourceTree tree = open(arguments[0])) {
            String fingerprint = tree.fingerprint();
            Runtime runtime = Runtime.getRuntime();
            System.out.printf(
                    "%.1f s, %d MB of heap at the end%n",
                    (System.nanoTime() - start) / 1e9, (runtime.totalMemory() - runtime.freeMemory()) >> 20);
            System.out.println(fingerprint);
        }
    }

    private static SourceTree open(String endpoint) {
        StoreLocation store = new StoreLocation("bucket", "", endpoint, null, true, true);
        return SourceTree.open(
                "s3://bucket/raw",
                store,
                location -> S3ObjectStore.open(
                        location,
                        Optional.of(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret"))),
                        S3Timeouts.METADATA));
    }

    @Test
    void aFingerprintReportsWhatItHasListed() throws IOException {
        files = 3 * PAGE + 7;
        List<Long> reports = new ArrayList<>();
        try (SourceTree tree = open(endpoint())) {
            tree.fingerprint(Duration.ofDays(1), reports::add);
        }
        assertThat(reports).containsExactly(1000L, 2000L, 3000L);
    }

    @Test
    void moreFilesThanTheLimitAreRefusedByName() {
        files = 10 * PAGE;
        StoreLocation store = new StoreLocation("bucket", "raw", endpoint(), null, true, true);
        try (SourceTree tree = new SourceTree(
                S3ObjectStore.open(
                        store, StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret"))),
                3 * PAGE)) {
            assertThatThrownBy(tree::fingerprint)
                    .isInstanceOf(StageFailure.class)
                    .hasMessage("raw data: more than 3000 files in s3://bucket/raw at " + endpoint()
                            + ", which is the most; name a folder below it, or pack its files in tars");
            assertThatThrownBy(() -> tree.list(file -> {})).hasMessageContaining("more than 3000 files");
        }
    }

    @Test
    void aListingThatNeverEndsIsRefused() {
        files = PAGE;
        endless = true;
        try (SourceTree tree = open(endpoint())) {
            assertThatThrownBy(tree::fingerprint)
                    .isInstanceOf(StageFailure.class)
                    .hasMessageEndingWith("lists a page without objects and says that there are more");
        }
    }

    @Test
    void aListingEndsAfterItsTimeLimit() {
        files = Integer.MAX_VALUE;
        try (SourceTree tree = open(endpoint())) {
            assertThatThrownBy(() -> tree.fingerprint(Duration.ZERO, files -> {}))
                    .isInstanceOf(StageFailure.class)
                    .hasMessageContaining("takes longer than 0 minutes");
        }
    }

    @Test
    void theFilesOfAFolderComeInTheOrderOfTheirPaths() throws IOException {
        for (String file : List.of("a/x", "a-b/x", "a.txt", "a/b/y", "a0", "B", "ä/z", "a/.hidden", "ab/c.tmp")) {
            Path path = folder.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, file);
        }
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("a0"));
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        try (SourceTree tree = SourceTree.open(folder.toString(), null);
                Stream<Path> walk = Files.walk(folder)) {
            List<String> sorted = walk.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(file -> !file.endsWith(".tmp"))
                    .sorted()
                    .toList();
            List<String> paths = new ArrayList<>();
            tree.list(file -> paths.add(file.path()));
            assertThat(paths).isEqualTo(sorted);
        }
    }
}
