package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.Progress;
import dev.moco.contract.Provenance;
import dev.moco.contract.Sha256;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** A store in which anything may be, and a server that answers anything. */
class UntrustedStoreTest {
    private static final PrepareConfig CONFIG =
            new PrepareConfig(PrepareConfig.Dataset.IMAGENET, "f", PrepareConfig.OnBadImage.FAIL, List.of(), 8, 0);
    private static final String KEY = ArtifactKey.of(CONFIG, Map.of());
    private static final String PREFIX = ArtifactKey.prefix(Stage.PREPARE, KEY);
    private static final byte[] WEIGHTS = "weights".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private FolderObjectStore objects;
    private ArtifactStore store;

    @BeforeEach
    void open() {
        objects = new FolderObjectStore(folder.resolve("store"));
        store = new ArtifactStore(objects);
    }

    @Test
    void aManifestThatNamesAFileOfTheReaderAsDigestIsDamaged() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "");
        String manifest = new String(CanonicalJson.bytes(manifest(WEIGHTS.length)), StandardCharsets.UTF_8);
        objects.put(
                PREFIX + "manifest.json",
                manifest.replace(Sha256.of(WEIGHTS), secret.toString()).getBytes(StandardCharsets.UTF_8));
        assertThat(store.status(Stage.PREPARE, KEY))
                .isInstanceOfSatisfying(
                        ArtifactStatus.Damaged.class,
                        damaged -> assertThat(damaged.reason())
                                .contains("manifest.json in " + folder, "SHA-256 of a.bin must have 64"));
    }

    @Test
    void aManifestOfAnotherConfigurationUnderAKeyIsDamaged() throws IOException {
        String manifest = new String(CanonicalJson.bytes(manifest(WEIGHTS.length)), StandardCharsets.UTF_8);
        objects.put(
                PREFIX + "manifest.json",
                manifest.replace("\"shardImages\":8", "\"shardImages\":9").getBytes(StandardCharsets.UTF_8));
        assertThat(store.status(Stage.PREPARE, KEY))
                .isInstanceOfSatisfying(
                        ArtifactStatus.Damaged.class,
                        damaged -> assertThat(damaged.reason())
                                .contains("has a configuration and inputs with key "
                                        + ArtifactKey.of(
                                                new PrepareConfig(
                                                        PrepareConfig.Dataset.IMAGENET,
                                                        "f",
                                                        PrepareConfig.OnBadImage.FAIL,
                                                        List.of(),
                                                        9,
                                                        0),
                                                Map.of())));
    }

    @Test
    void aHugeManifestIsDamagedAndHugeProgressIsNone() throws IOException {
        byte[] huge = new byte[ObjectStore.METADATA_BYTES + 1];
        objects.put(PREFIX + "manifest.json", huge);
        objects.put(PREFIX + "progress.json", huge);
        assertThat(store.status(Stage.PREPARE, KEY))
                .isInstanceOfSatisfying(
                        ArtifactStatus.Damaged.class,
                        damaged -> assertThat(damaged.reason())
                                .isEqualTo(PREFIX + "manifest.json in " + objects.place()
                                        + " has 4194305 bytes; allowed are at most 4194304"));
        assertThat(store.progress(Stage.PREPARE, KEY)).isEmpty();
    }

    @Test
    void numbersOfProgressAreBounded() throws IOException {
        String forged = "{'phase':'training','epoch':-1,'epochs':200,'step':-7,'steps':9,'imagesPerSecond':1e300,"
                + "'dataWaitShare':'NaN','loss':'-Infinity','top1':67.5,'checkpointStep':-3,'peakRssMib':-1,"
                + "'updated':'2026-01-01T00:00:00Z'}";
        objects.put(PREFIX + "progress.json", forged.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        assertThat(store.progress(Stage.PREPARE, KEY))
                .contains(new Progress(
                        "training",
                        0,
                        200,
                        0,
                        9,
                        null,
                        null,
                        null,
                        67.5,
                        null,
                        null,
                        0L,
                        0,
                        Instant.parse("2026-01-01T00:00:00Z")));
    }

    @Test
    void aFileIsReadNoFurtherThanItsSizeInTheManifest() throws IOException {
        objects.put(PREFIX + manifest(7).object(manifest(7).files().get(0)), new byte[1000]);
        ArtifactReader reader = store.reader(manifest(7), folder.resolve("cache"));
        assertThatThrownBy(() -> reader.file("a.bin"))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageContaining("was altered: it has more than the 7 bytes that were committed");
    }

    @Test
    void anAlteredCopyInTheCacheIsReplaced() throws IOException {
        Manifest manifest = manifest(WEIGHTS.length);
        objects.put(PREFIX + manifest.object(manifest.files().get(0)), WEIGHTS);
        Path copy = store.reader(manifest, folder.resolve("cache")).file("a.bin");
        Files.writeString(copy, "Weights");
        assertThat(store.reader(manifest, folder.resolve("cache"))
                        .range("a.bin", 0, 1)
                        .get(0))
                .isEqualTo((byte) 'w');
        assertThat(store.reader(manifest, folder.resolve("cache")).file("a.bin"))
                .isEqualTo(copy)
                .hasContent("weights");
    }

    /** The server states no size, or a wrong one, and never ends its answer. */
    @ParameterizedTest
    @ValueSource(strings = {"object", "range", "error", "listing"})
    void anEndlessAnswerIsNotReadToItsEnd(String answer) throws IOException {
        AtomicInteger cutOff = new AtomicInteger();
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            String key = "<Contents><Key>a</Key><Size>1</Size></Contents>";
            byte[] block = key.repeat(1 << 10).getBytes(StandardCharsets.UTF_8);
            try (exchange) {
                exchange.sendResponseHeaders(answer.equals("error") ? 404 : 200, 0);
                OutputStream body = exchange.getResponseBody();
                body.write("<ListBucketResult>".getBytes(StandardCharsets.UTF_8));
                for (int sent = 0; sent < 256 << 20; sent += block.length) {
                    body.write(block);
                }
            } catch (IOException e) {
                cutOff.incrementAndGet();
            }
        });
        server.start();
        StoreLocation location = new StoreLocation(
                "bucket", "", "http://127.0.0.1:" + server.getAddress().getPort(), "us-east-1", true, false);
        try (S3ObjectStore endless =
                S3ObjectStore.open(location, StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))) {
            assertThatThrownBy(() -> {
                        switch (answer) {
                            case "range" -> endless.range("a", 0, 10);
                            case "listing" -> endless.list("", object -> {});
                            default -> endless.get("a");
                        }
                    })
                    .isInstanceOf(StageFailure.class);
        } finally {
            server.stop(0);
            threads.shutdown();
        }
        assertThat(requests).hasPositiveValue();
        assertThat(awaited(threads, cutOff)).isEqualTo(requests.get());
    }

    private static int awaited(ExecutorService threads, AtomicInteger cutOff) {
        try {
            assertThat(threads.awaitTermination(10, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return cutOff.get();
    }

    private static Manifest manifest(long size) {
        return new Manifest(
                Manifest.VERSION,
                Stage.PREPARE,
                KEY,
                CONFIG,
                Map.of(),
                List.of(new FileEntry("a.bin", size, Sha256.of(WEIGHTS))),
                List.of(),
                new StageResult.Prepared(1, 1, 1, 7, 0, List.of()),
                new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 1, 0));
    }
}
