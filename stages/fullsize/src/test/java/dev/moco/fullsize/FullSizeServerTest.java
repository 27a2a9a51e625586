package dev.moco.fullsize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.contract.StoreLocation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

class FullSizeServerTest {
    private static final String TRAIN = "ILSVRC2012_img_train.tar";
    private static final String VALIDATION = "ILSVRC2012_img_val.tar";

    @TempDir
    static Path folder;

    private static FullSizeServer server;

    @BeforeAll
    static void start() throws IOException {
        server = start(folder);
    }

    private static FullSizeServer start(Path folder) throws IOException {
        return FullSizeServer.start(FullSizeServer.Scale.SMALL, folder, Duration.ZERO, 0, 0);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static ObjectStore open(FullSizeServer server, String uri) {
        String[] parts = uri.substring("s3://".length()).split("/", 2);
        return S3ObjectStore.open(
                new StoreLocation(
                        parts[0], parts.length < 2 ? "" : parts[1], server.endpoint(), "us-east-1", true, true),
                StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "key")));
    }

    private static ObjectStore open(String uri) {
        return open(server, uri);
    }

    private static byte[] whole(ObjectStore store, String key) throws IOException {
        try (InputStream in = store.open(key)) {
            return in.readAllBytes();
        }
    }

    private static Map<String, byte[]> members(byte[] tar) throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                assertThat(entry.isCheckSumOK()).as(entry.getName()).isTrue();
                if (entry.isFile()) {
                    members.put(entry.getName(), in.readAllBytes());
                }
            }
        }
        return members;
    }

    @Test
    void theArchivesHaveTheImagesOfTheClassFolders() throws IOException {
        try (ObjectStore archives = open(FullSizeServer.IMAGENET);
                ObjectStore folders = open(FullSizeServer.IMAGENET_FOLDERS)) {
            Map<String, byte[]> images = new TreeMap<>();
            for (Map.Entry<String, byte[]> archive :
                    members(whole(archives, TRAIN)).entrySet()) {
                String synset = archive.getKey().replace(".tar", "");
                members(archive.getValue()).forEach((name, image) -> images.put("train/" + synset + "/" + name, image));
            }
            assertThat(images).hasSize(300);
            Map<String, byte[]> validation = members(whole(archives, VALIDATION));
            assertThat(validation).hasSize(60);

            List<ObjectStore.StoredObject> listed = new ArrayList<>();
            folders.list("", listed::add);
            assertThat(listed)
                    .extracting(ObjectStore.StoredObject::key)
                    .isSorted()
                    .hasSize(360);
            for (ObjectStore.StoredObject object : listed) {
                String name = object.key().replaceFirst(".*/", "");
                byte[] image = Objects.requireNonNull(
                        object.key().startsWith("train/") ? images.get(object.key()) : validation.get(name));
                assertThat(object.size()).as(object.key()).isEqualTo(image.length);
                assertThat(folders.get(object.key())).as(object.key()).hasValue(image);
            }
            assertThat(ImageIO.read(new ByteArrayInputStream(
                                    images.values().iterator().next()))
                            .getWidth())
                    .isPositive();
        }
    }

    @Test
    void gnuTarReadsTheArchives() throws Exception {
        Path tar = Path.of("/usr/bin/tar");
        assumeTrue(Files.isExecutable(tar), "no " + tar);
        try (ObjectStore voc = open(FullSizeServer.VOC)) {
            byte[] archive = whole(voc, "VOCtrainval_06-Nov-2007.tar");
            Path file = Files.write(folder.resolve("voc.tar"), archive);
            Process process = new ProcessBuilder(tar.toString(), "--list", "--file", file.toString())
                    .redirectErrorStream(true)
                    .start();
            List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(name -> !name.endsWith("/"))
                    .toList();
            assertThat(process.waitFor()).as(lines.toString()).isZero();
            assertThat(lines).isEqualTo(List.copyOf(members(archive).keySet())).hasSize(21);
        }
    }

    @Test
    void aRangeIsASliceOfTheWhole() throws IOException {
        try (ObjectStore archives = open(FullSizeServer.IMAGENET)) {
            assertSlices(archives, TRAIN, whole(archives, TRAIN));
        }
    }

    private static void assertSlices(ObjectStore store, String key, byte[] whole) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        assertThat(store.size(key)).hasValue((long) whole.length);
        for (int i = 0; i < 200; i++) {
            int from = random.nextInt(whole.length);
            int length = 1 + random.nextInt(i % 2 == 0 ? 1000 : 300_000);
            assertThat(store.range(key, from, length))
                    .as("%d bytes from %d", length, from)
                    .isEqualTo(Arrays.copyOfRange(whole, from, Math.min(whole.length, from + length)));
        }
        assertThat(store.range(key, whole.length, 5)).isEmpty();
    }

    /** A tar of images that the server knows and of one that it does not. */
    private static byte[] shard() throws IOException {
        byte[] unknown = new byte[100_001];
        new SplittableRandom(3).nextBytes(unknown);
        Map<String, Content> images = new TreeMap<>();
        for (ImagePool.Image image : ImagePool.small().images()) {
            images.put("%09d.jpg".formatted(images.size()), image.content());
        }
        images.put("000000003.png", Content.of(unknown));
        TarContent tar = new TarContent(KeyedObjects.of(images));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        tar.write(0, tar.size(), bytes);
        return bytes.toByteArray();
    }

    @Test
    void aWrittenShardIsReadBackAndTakesLittleSpace() throws IOException {
        byte[] shard = shard();
        Path objects = folder.resolve("sink");
        Path file = Files.write(folder.resolve("shard.tar"), shard);
        try (FullSizeServer sink = start(objects);
                ObjectStore store = open(sink, "s3://results/run")) {
            for (int i = 0; i < 5; i++) {
                store.upload("train/" + i + ".tar", file);
            }
            assertThat(whole(store, "train/0.tar")).isEqualTo(shard);
            assertSlices(store, "train/4.tar", shard);
        }
        // The unknown image once, and the headers.
        assertThat(bytes(objects)).isLessThan(130_000);
        try (FullSizeServer later = start(objects);
                ObjectStore store = open(later, "s3://results/run")) {
            assertThat(whole(store, "train/3.tar")).isEqualTo(shard);
        }
    }

    private static long bytes(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @Test
    void anObjectIsWrittenOnceIfAbsent() throws Exception {
        try (ObjectStore store = open("s3://results")) {
            ExecutorService writers = Executors.newFixedThreadPool(8);
            List<Future<Boolean>> written = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                byte[] content = {(byte) i};
                written.add(writers.submit(() -> store.putIfAbsent("manifest.json", content)));
            }
            int winners = 0;
            for (Future<Boolean> writer : written) {
                winners += writer.get() ? 1 : 0;
            }
            writers.shutdown();
            assertThat(winners).isEqualTo(1);
            store.put("manifest.json", new byte[] {42});
            assertThat(store.get("manifest.json")).hasValue(new byte[] {42});
            List<String> keys = new ArrayList<>();
            store.list("man", object -> keys.add(object.key()));
            assertThat(keys).containsExactly("manifest.json");
            store.delete("manifest.json");
            assertThat(store.get("manifest.json")).isEmpty();
        }
    }

    @Test
    void aBodyWithAnotherChecksumIsRefused() throws Exception {
        HttpResponse<String> refused = put("x-amz-checksum-crc32c", "AAAAAA==");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("<Code>BadDigest</Code>", "x-amz-checksum-crc32c");
        assertThat(put("x-amz-checksum-crc32c", "4waSgw==").statusCode()).isEqualTo(200);
        assertThat(put("content-md5", "JfnnlDI7RTiF9RgfG2JNCw==").statusCode()).isEqualTo(200);
        try (ObjectStore store = open("s3://results")) {
            assertThatThrownBy(() -> whole(store, "refused")).hasMessageContaining("refused");
        }
    }

    /** Writes the ASCII digits, whose checksums are well known. */
    private static HttpResponse<String> put(String header, String checksum) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.endpoint() + "/results/digits"))
                                .header(header, checksum)
                                .PUT(HttpRequest.BodyPublishers.ofString("123456789"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void requestsAreCounted() throws IOException {
        try (FullSizeServer counted = start(folder.resolve("counted"));
                ObjectStore store = open(counted, FullSizeServer.IMAGENET)) {
            store.range(TRAIN, 0, 512);
            store.range(TRAIN, 512, 1000);
            store.list("", object -> {});
            assertThat(counted.traffic().requests()).containsExactlyInAnyOrderEntriesOf(Map.of("GET", 2L, "LIST", 1L));
            assertThat(counted.traffic().mostInFlight()).isEqualTo(1);
        }
    }

    @Test
    void requestsKeepTheirConnections() throws Exception {
        try (FullSizeServer counted = start(folder.resolve("connections"));
                ObjectStore store = open(counted, FullSizeServer.IMAGENET)) {
            ExecutorService readers = Executors.newFixedThreadPool(16);
            List<Future<byte[]>> reads = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                int from = i * 1000;
                reads.add(readers.submit(() -> store.range(TRAIN, from, 512)));
            }
            for (Future<byte[]> read : reads) {
                assertThat(read.get()).hasSize(512);
            }
            readers.shutdown();
            assertThat(counted.traffic().requests()).containsEntry("GET", 400L);
            assertThat(counted.traffic().connections()).isLessThanOrEqualTo(32);
        }
    }
}
