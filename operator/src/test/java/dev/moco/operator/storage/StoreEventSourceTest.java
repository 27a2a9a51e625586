package dev.moco.operator.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.Progress;
import dev.moco.contract.Provenance;
import dev.moco.contract.Sha256;
import dev.moco.contract.Stage;
import dev.moco.contract.StageResult;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.metrics.OperatorMetrics;
import dev.moco.operator.observe.ManifestQuery;
import dev.moco.operator.observe.StoreSnapshot;
import dev.moco.operator.reconcile.CutNetwork;
import dev.moco.operator.server.MoCoOperator;
import dev.moco.operator.storage.StoreLogin.SecretName;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Polling of a real S3 server, whose credentials a minimal API server serves in a Secret. */
class StoreEventSourceTest {
    private static final ResourceID ID = new ResourceID("tiny", "research");
    private static final String UID = "1";

    @TempDir
    Path folder;

    private final AtomicInteger events = new AtomicInteger();
    private final AtomicInteger secretReads = new AtomicInteger();
    private volatile String secretKey = "";
    private EmbeddedS3 server;
    private CutNetwork network;
    private S3ObjectStore objects;
    private ArtifactStore store;
    private HttpServer cluster;
    private KubernetesClient client;
    private StoreEventSource stores;

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedS3.start(folder.resolve("s3"));
        network = CutNetwork.to(server.location());
        objects = S3ObjectStore.open(server.location(), server.credentials());
        store = new ArtifactStore(objects);
        secretKey = server.environment().getOrDefault("AWS_SECRET_ACCESS_KEY", "");
        cluster = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        cluster.createContext("/api/v1/namespaces/research/secrets/s3", exchange -> {
            try (exchange) {
                secretReads.incrementAndGet();
                byte[] secret = """
                        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s3", "namespace": "research"},
                         "data": {"AWS_ACCESS_KEY_ID": "%s", "AWS_SECRET_ACCESS_KEY": "%s"}}
                        """.formatted(
                                encoded(server.environment().getOrDefault("AWS_ACCESS_KEY_ID", "")), encoded(secretKey))
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, secret.length);
                exchange.getResponseBody().write(secret);
            }
        });
        cluster.start();
        client = MoCoOperator.client(new ConfigBuilder()
                .withMasterUrl("http://127.0.0.1:" + cluster.getAddress().getPort())
                .build());
        OperatorMetrics metrics = new OperatorMetrics("test", Clock.systemUTC());
        Stores clients = new Stores(new StoreSecrets(client), Clock.systemUTC());
        stores = new StoreEventSource(clients, metrics, Clock.systemUTC(), Duration.ofMillis(200));
        stores.setEventHandler(event -> events.incrementAndGet());
        stores.start();
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() throws IOException {
        stores.stop();
        client.close();
        cluster.stop(0);
        objects.close();
        network.close();
        server.close();
    }

    @Test
    void anObservationHasTheVersionOfItsQuery() throws IOException {
        Manifest manifest = manifest();
        request(Map.of(), List.of(query(manifest, "no job")), Map.of());
        await().atMost(Duration.ofMinutes(10))
                .until(() -> snapshot().observations().containsKey(manifest.key()));
        assertThat(Objects.requireNonNull(snapshot().observations().get(manifest.key()))
                        .manifest())
                .isEmpty();
        // The event is sent after the snapshot has changed.
        await().atMost(Duration.ofMinutes(10)).until(() -> events.get() == 1);
        assertThat(stores.confirmFresh(ID, List.of(manifest.key()))).isTrue();

        commit(manifest);
        request(Map.of(), List.of(query(manifest, "no job")), Map.of());
        request(Map.of(), List.of(query(manifest, "complete")), Map.of());
        await().atMost(Duration.ofMinutes(10))
                .until(() -> Objects.requireNonNull(snapshot().observations().get(manifest.key()))
                        .version()
                        .equals("complete"));
        assertThat(Objects.requireNonNull(snapshot().observations().get(manifest.key()))
                        .manifest())
                .contains(manifest.withoutFiles());
        assertThat(secretReads).hasValue(1);
    }

    @Test
    void aCommitWithoutItsFilesIsDamaged() throws IOException {
        Manifest manifest = manifest();
        store.commit(manifest);
        request(Map.of(), List.of(query(manifest, "")), Map.of());
        await().atMost(Duration.ofMinutes(10))
                .until(() -> snapshot().observations().containsKey(manifest.key()));
        assertThat(Objects.requireNonNull(snapshot().observations().get(manifest.key()))
                        .damage())
                .contains("a.bin is missing");
    }

    @Test
    void rawDataOfFoldersAndBucketsIsListed() throws IOException {
        Path raw = Files.createDirectories(folder.resolve("raw"));
        Files.writeString(raw.resolve("1.jpg"), "x");
        objects.put("raw/1.jpg", new byte[] {1});
        request(Map.of("prepare-imagenet", raw.toString(), "prepare-voc", "s3://moco/raw"), List.of(), Map.of());
        await().atMost(Duration.ofMinutes(10))
                .until(() -> snapshot().fingerprints().size() == 2);
        assertThat(snapshot().fingerprints().get("prepare-imagenet")).hasSize(64);
        assertThat(snapshot().problem()).isEmpty();
    }

    @Test
    void missingRawDataIsAProblemUntilItExists() throws IOException {
        request(Map.of("prepare-imagenet", "s3://moco/late"), List.of(), Map.of());
        await().atMost(Duration.ofMinutes(10)).until(() -> snapshot().problem().isPresent());
        assertThat(snapshot().problem().get()).startsWith("raw data: nothing in s3://moco/late");
        objects.put("late/1.jpg", new byte[] {1});
        await().atMost(Duration.ofMinutes(10))
                .until(() -> snapshot().fingerprints().size() == 1);
        assertThat(snapshot().problem()).isEmpty();
    }

    @Test
    void anUnreachableStoreIsAProblemUntilItIsReachable() throws IOException {
        Manifest manifest = manifest();
        network.cut();
        request(Map.of(), List.of(query(manifest, "")), Map.of());
        await().atMost(Duration.ofMinutes(10)).until(() -> snapshot().problem().isPresent());
        assertThat(snapshot().problem().get()).contains("bucket \"moco\"");
        assertThat(snapshot().observations()).isEmpty();
        network.mend();
        await().atMost(Duration.ofMinutes(10))
                .until(() -> snapshot().observations().size() == 1);
        assertThat(snapshot().problem()).isEmpty();
    }

    @Test
    void aCorrectedSecretIsReadWithoutARequest() throws IOException {
        String right = secretKey;
        secretKey = "wrong";
        Manifest manifest = manifest();
        request(Map.of(), List.of(query(manifest, "")), Map.of());
        await().atMost(Duration.ofMinutes(10)).until(() -> snapshot().problem().isPresent());
        assertThat(snapshot().problem().get())
                .contains("the credentials may not")
                .doesNotContain("wrong");
        secretKey = right;
        await().atMost(Duration.ofMinutes(10))
                .until(() -> snapshot().observations().size() == 1);
        assertThat(snapshot().problem()).isEmpty();
    }

    @Test
    void theProgressOfARunningStageIsPolledUntilTheExperimentIsDeleted() throws IOException {
        Manifest manifest = manifest();
        store.report(Stage.PREPARE, manifest.key(), progress(1));
        request(Map.of(), List.of(), Map.of(manifest.key(), Stage.PREPARE));
        for (long step = 1; step < 3; step++) {
            store.report(Stage.PREPARE, manifest.key(), progress(step));
            long now = step;
            await().atMost(Duration.ofMinutes(10))
                    .until(() -> snapshot().progress().containsKey(manifest.key())
                            && snapshot().progress().get(manifest.key()).step() == now);
        }
        // The event is sent after the snapshot has changed.
        int expected = 2;
        await().atMost(Duration.ofMinutes(10)).until(() -> events.get() == expected);
        stores.forget(ID);
        store.report(Stage.PREPARE, manifest.key(), progress(3));
        awaitSilence();
        assertThat(events).hasValue(expected);
        assertThat(snapshot()).isEqualTo(StoreSnapshot.EMPTY);
    }

    @Test
    void readsOfProgressCountAnewAfterAProblem() throws IOException {
        String key = manifest().key();
        request(Map.of(), List.of(), Map.of(key, Stage.PREPARE));
        await().atMost(Duration.ofMinutes(10)).until(() -> snapshot().reads().containsKey(key));
        StoreSnapshot.ProgressReads first =
                Objects.requireNonNull(snapshot().reads().get(key));
        await().atMost(Duration.ofMinutes(10))
                .until(() -> Objects.requireNonNull(snapshot().reads().get(key))
                        .last()
                        .isAfter(first.last()));
        assertThat(Objects.requireNonNull(snapshot().reads().get(key)).since()).isEqualTo(first.since());
        assertThat(events).as("another read without progress is no news").hasValueLessThan(2);
        network.cut();
        await().atMost(Duration.ofMinutes(10)).until(() -> snapshot().problem().isPresent());
        assertThat(snapshot().reads()).isEmpty();
        network.mend();
        await().atMost(Duration.ofMinutes(10)).until(() -> snapshot().reads().containsKey(key));
        assertThat(Objects.requireNonNull(snapshot().reads().get(key)).since()).isAfter(first.since());
    }

    @Test
    void theFinalProgressOfAStageIsReadAfterItsEnd() throws IOException {
        Manifest manifest = manifest();
        store.report(Stage.PREPARE, manifest.key(), progress(1));
        request(Map.of(), List.of(), Map.of(manifest.key(), Stage.PREPARE));
        await().atMost(Duration.ofMinutes(10)).until(() -> snapshot().progress().containsKey(manifest.key()));
        network.cut();
        store.report(Stage.PREPARE, manifest.key(), progress(2));
        request(Map.of(), List.of(), Map.of());
        await().atMost(Duration.ofMinutes(10)).until(() -> snapshot().problem().isPresent());
        network.mend();
        await().atMost(Duration.ofMinutes(10))
                .until(() -> snapshot().progress().values().stream().anyMatch(progress -> progress.step() == 2));
        request(Map.of(), List.of(), Map.of());
        awaitSilence();
    }

    @Test
    void aSlowServerDelaysNoOtherNamespace() throws IOException {
        objects.put("raw/1.jpg", new byte[] {1});
        Manifest manifest = manifest();
        try (SlowServer slow = new SlowServer()) {
            for (int i = 0; i < 40; i++) {
                StoreLocation location = new StoreLocation("moco", "p" + i, slow.endpoint(), "us-east-1", true, true);
                StoreLogin login = new StoreLogin(location, Optional.of(new SecretName("research", "s3")));
                stores.request(
                        new ResourceID("slow-" + i, "slow"),
                        UID,
                        new StoreRequest(
                                login,
                                Map.of("prepare-imagenet", "s3://moco/raw"),
                                List.of(query(manifest, "")),
                                Map.of(),
                                Optional.empty()));
            }
            await().atMost(Duration.ofMinutes(10)).until(() -> slow.connections() > 2);
            request(Map.of("prepare-imagenet", "s3://moco/raw"), List.of(query(manifest, "")), Map.of());
            await().atMost(Duration.ofMinutes(10))
                    .until(() -> snapshot().observations().size() == 1
                            && snapshot().fingerprints().size() == 1);
            // The slow requests have not ended.
            assertThat(stores.snapshot(new ResourceID("slow-39", "slow"), UID).observations())
                    .isEmpty();
        }
    }

    /** Waits until the store gets no request for five polling intervals. */
    private void awaitSilence() {
        AtomicLong before = new AtomicLong(-1);
        await().atMost(Duration.ofMinutes(10)).during(Duration.ofSeconds(1)).until(() -> {
            long now = network.sent();
            return before.getAndSet(now) == now;
        });
    }

    private void request(Map<String, String> sources, List<ManifestQuery> queries, Map<String, Stage> running) {
        StoreLocation location = network.through(server.location());
        StoreLogin login = new StoreLogin(location, Optional.of(new SecretName("research", "s3")));
        stores.request(ID, UID, new StoreRequest(login, sources, queries, running, Optional.empty()));
    }

    private StoreSnapshot snapshot() {
        return stores.snapshot(ID, UID);
    }

    private static ManifestQuery query(Manifest manifest, String version) {
        return new ManifestQuery(manifest.stage(), manifest.key(), version);
    }

    private static Progress progress(long step) {
        return new Progress(
                "training", 0, 1, step, 3, null, null, null, null, null, null, null, 1, Instant.ofEpochSecond(step));
    }

    private void commit(Manifest manifest) throws IOException {
        Path file = Files.writeString(folder.resolve("a.bin"), "weights");
        store.upload(manifest.stage(), manifest.key(), Map.of("a.bin", file));
        store.commit(manifest);
    }

    private static Manifest manifest() {
        PrepareConfig config =
                new PrepareConfig(PrepareConfig.Dataset.IMAGENET, "f", PrepareConfig.OnBadImage.FAIL, List.of(), 16, 0);
        return new Manifest(
                Manifest.VERSION,
                Stage.PREPARE,
                ArtifactKey.of(config, Map.of()),
                config,
                Map.of(),
                List.of(new FileEntry("a.bin", 7, Sha256.of("weights".getBytes(StandardCharsets.UTF_8)))),
                List.of(),
                new StageResult.Prepared(1, 1, 1, 7, 0, List.of()),
                new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 1, 0));
    }
}
