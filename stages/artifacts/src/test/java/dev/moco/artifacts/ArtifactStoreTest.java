package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.Provenance;
import dev.moco.contract.Sha256;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Tests with an S3 server on loopback, which checks signatures. */
class ArtifactStoreTest {
    @TempDir
    Path folder;

    private EmbeddedS3 server;
    private S3ObjectStore objects;
    private ArtifactStore store;

    @BeforeEach
    void start() {
        server = EmbeddedS3.start(folder.resolve("s3"));
        objects = new S3ObjectStore(server.location(), server.credentials(), S3Timeouts.FILES, 5 << 20);
        store = new ArtifactStore(objects);
    }

    @AfterEach
    void stop() throws IOException {
        objects.close();
        server.close();
    }

    @Test
    void aCommittedArtifactIsVerifiedWhenRead() throws IOException {
        Manifest manifest = commit(1, "weights");
        assertThat(store.manifest(Stage.PREPARE, manifest.key())).contains(manifest);
        assertThat(store.damage(manifest)).isEmpty();
        ArtifactReader reader = store.reader(manifest.ref(), folder.resolve("cache"));
        assertThat(reader.range("a.bin", 2, 3).array()).asString().isEqualTo("igh");
        assertThat(reader.file("a.bin")).hasContent("weights");
        assertThat(reader.range("a.bin", 2, 3).array()).asString().isEqualTo("igh");
    }

    @Test
    void aFileIsCopiedIfTheCacheHasRoomForIt() throws IOException {
        Manifest manifest = commit(1, "weights");
        Path cache = folder.resolve("cache");
        ArtifactReader full = store.reader(manifest.ref(), cache, CacheSpace.of(cache, OptionalLong.of(6)));
        assertThat(full.fileIfRoom("a.bin")).isEmpty();
        assertThat(full.range("a.bin", 2, 3).array()).asString().isEqualTo("igh");
        ArtifactReader reader = store.reader(manifest.ref(), cache, CacheSpace.of(cache, OptionalLong.of(7)));
        Path copy = reader.fileIfRoom("a.bin").orElseThrow();
        assertThat(copy).hasContent("weights");
        // A copy that another process left torn or altered is found by its SHA-256 and written anew.
        Files.writeString(copy, "weighty");
        ArtifactReader next = store.reader(manifest.ref(), cache, CacheSpace.of(cache, OptionalLong.of(7)));
        assertThat(next.range("a.bin", 4, 3).array()).asString().isEqualTo("hts");
        assertThat(next.fileIfRoom("a.bin").orElseThrow()).hasContent("weights");
        // One that is there takes no more room.
        assertThat(next.fileIfRoom("a.bin")).isPresent();
    }

    @Test
    void theServersFolderIsReadWithoutTheServer() throws IOException {
        Manifest manifest = commit(1, "weights");
        ArtifactStore local = new ArtifactStore(EmbeddedS3.folder(folder.resolve("s3")));
        assertThat(local.manifest(Stage.PREPARE, manifest.key())).contains(manifest);
        assertThat(local.damage(manifest)).isEmpty();
    }

    @Test
    void severalProcessesMayCommitTheSameResultButNotADifferentOne() throws Exception {
        Manifest manifest = uploaded(1, "weights");
        Manifest other = uploaded(1, "other");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Manifest>> same = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                same.add(() -> store.commit(manifest));
            }
            for (Future<Manifest> commit : threads.invokeAll(same)) {
                assertThat(commit.get()).isEqualTo(manifest);
            }
        } finally {
            threads.shutdown();
        }
        assertThatThrownBy(() -> store.commit(other))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining("was committed by another process with digest " + manifest.digest());
        // The second writer uploaded before it met the commit, and overwrote nothing.
        assertThat(store.reader(manifest.ref(), folder.resolve("cache")).file("a.bin"))
                .hasContent("weights");
    }

    @Test
    void aCommitWithoutItsFilesIsReplacedByTheNextRun() throws IOException {
        Manifest lost = commit(1, "weights");
        objects.delete(name(lost));
        Manifest again = commit(1, "other bytes");
        assertThat(store.manifest(Stage.PREPARE, lost.key())).contains(again);
        assertThat(store.damage(again)).isEmpty();
    }

    @Test
    void artifactsOfTheFirstVersionAreRead() throws IOException {
        Manifest now = manifest(1, "weights");
        Manifest first = new Manifest(
                1,
                now.stage(),
                now.key(),
                now.config(),
                now.inputs(),
                now.files(),
                now.logs(),
                now.result(),
                now.provenance());
        objects.put(ArtifactKey.prefix(Stage.PREPARE, now.key()) + "a.bin", bytes("weights"));
        objects.put(ArtifactKey.prefix(Stage.PREPARE, now.key()) + "manifest.json", CanonicalJson.bytes(first));
        assertThat(store.status(Stage.PREPARE, now.key())).isEqualTo(new ArtifactStatus.Intact(first));
        assertThat(store.reader(now.ref(), folder.resolve("cache")).file("a.bin"))
                .hasContent("weights");
    }

    @Test
    void anAlteredFileIsRefused() throws IOException {
        Manifest manifest = commit(1, "weights");
        objects.put(name(manifest), bytes("Weights"));
        ArtifactReader reader = store.reader(manifest.ref(), folder.resolve("cache"));
        assertThatThrownBy(() -> reader.file("a.bin"))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageContaining("a.bin in s3://moco/")
                .hasMessageContaining("was altered: its SHA-256 is ")
                .hasMessageContaining(manifest.files().get(0).sha256());
        assertThat(folder.resolve("cache"))
                .isDirectoryRecursivelyContaining("glob:**")
                .satisfies(cache -> {
                    try (var files = Files.walk(cache)) {
                        assertThat(files.filter(Files::isRegularFile)).isEmpty();
                    }
                });
    }

    @Test
    void aMissingFileIsBadData() throws IOException {
        Manifest manifest = commit(1, "weights");
        String name = name(manifest);
        objects.delete(name);
        ArtifactReader reader = store.reader(manifest.ref(), folder.resolve("cache"));
        assertFailure(
                () -> reader.file("a.bin"),
                ExitCode.BAD_DATA,
                name + " in " + objects.place() + " is missing; committed were 7 bytes");
    }

    @Test
    void aMissingOrShortFileIsDamage() throws IOException {
        Manifest manifest = commit(1, "weights");
        String name = name(manifest);
        objects.put(name, bytes("we"));
        assertThat(store.damage(manifest)).contains("a.bin has 2 bytes instead of 7");
        objects.delete(name);
        assertThat(store.damage(manifest)).contains("a.bin is missing");
    }

    @Test
    void theMessageForAnInvalidManifestHasItsName() throws IOException {
        Manifest manifest = commit(1, "weights");
        objects.put(ArtifactKey.prefix(Stage.PREPARE, manifest.key()) + "manifest.json", bytes("{\"version\":1,"));
        assertThatThrownBy(() -> store.manifest(Stage.PREPARE, manifest.key()))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining("manifest.json in s3://moco/")
                .hasMessageContaining("is not a Manifest")
                .hasMessageContaining("delete it to run the stage again");
    }

    @Test
    void theNewestIntactCheckpointIsRestored() throws IOException {
        Checkpoints checkpoints = store.checkpoints(Stage.PRETRAIN, "k");
        for (int step = 1; step <= 3; step++) {
            checkpoints.save(step * 10L, file("step" + step, "state.bin", "state " + step));
        }
        String third = "v1/stages/pretrain/k/checkpoints/000000000030/";
        List<String> oldest = new ArrayList<>();
        objects.list("v1/stages/pretrain/k/checkpoints/000000000010/", object -> oldest.add(object.key()));
        assertThat(oldest).isEmpty();
        assertThat(restored(checkpoints)).isEqualTo("30 state 3");
        String state = third + "files/" + Sha256.of(bytes("state 3")) + "/state.bin";
        objects.put(state, bytes("state X"));
        assertThat(restored(checkpoints)).isEqualTo("20 state 2");
        objects.delete(state);
        assertThat(restored(checkpoints)).isEqualTo("20 state 2");
        objects.put(third + "checkpoint.json", bytes("{"));
        assertThat(restored(checkpoints)).isEqualTo("20 state 2");
        String entry = "{\"path\":\"%s\",\"size\":7,\"sha256\":\"" + Sha256.of(bytes("state 2")) + "\"}";
        for (String list : List.of(
                "null",
                "{\"step\":30}",
                "{\"step\":30,\"files\":[null]}",
                "{\"step\":99,\"files\":[" + entry.formatted("state.bin") + "]}",
                "{\"step\":30,\"files\":[" + entry.formatted("../000000000020/state.bin") + "]}",
                "{\"step\":30,\"files\":[" + entry.formatted("files/" + "0".repeat(64) + "/../state.bin") + "]}")) {
            objects.put(third + "checkpoint.json", bytes(list));
            assertThat(restored(checkpoints)).as(list).isEqualTo("20 state 2");
        }
        // The layout of earlier versions.
        objects.put(third + "state.bin", bytes("state 2"));
        objects.put(third + "checkpoint.json", bytes("{\"step\":30,\"files\":[" + entry.formatted("state.bin") + "]}"));
        assertThat(restored(checkpoints)).isEqualTo("30 state 2");
        checkpoints.clear();
        assertThat(checkpoints.restore(Files.createTempDirectory(folder, "r"))).isEmpty();
    }

    @Test
    void aKeptCheckpointStaysWhenOthersAreDeleted() throws IOException {
        Checkpoints checkpoints = store.checkpoints(Stage.PRETRAIN, "k");
        for (int step = 1; step <= 6; step++) {
            checkpoints.save(step * 10L, file("step" + step, "state.bin", "state " + step), step == 2 || step == 4);
        }
        assertThat(checkpoints.kept()).containsExactly(20L, 40L);
        assertThat(restored(checkpoints)).isEqualTo("60 state 6");
        assertThat(restoredKept(checkpoints, 60)).isEqualTo("40 state 4");
        assertThat(restoredKept(checkpoints, 39)).isEqualTo("20 state 2");
        assertThat(checkpoints.restoreKept(Files.createTempDirectory(folder, "r"), 19))
                .isEmpty();

        checkpoints.clear();
        assertThat(restored(checkpoints)).isEqualTo("40 state 4");
        assertThat(checkpoints.kept()).containsExactly(20L, 40L);
        String list = checkpoints.path(40) + "/checkpoint.json";
        assertThat(list).isEqualTo("v1/stages/pretrain/k/checkpoints/000000000040/checkpoint.json");
        Checkpoints.CheckpointFile state =
                Checkpoints.find(objects.get(list).orElseThrow(), "state.bin").orElseThrow();
        assertThat(state.step()).isEqualTo(40);
        assertThat(objects.get(checkpoints.path(40) + "/" + state.entry().path()))
                .hasValueSatisfying(found -> assertThat(found).asString().isEqualTo("state 4"));
        assertThatThrownBy(() -> Checkpoints.find(bytes("{"), "state.bin")).isInstanceOf(StageFailure.class);

        // A mark without a list is what is left of a deletion that was interrupted.
        objects.delete(list);
        assertThat(checkpoints.kept()).containsExactly(20L);
        assertThat(restored(checkpoints)).isEqualTo("20 state 2");
    }

    private String restoredKept(Checkpoints checkpoints, long most) throws IOException {
        Path to = Files.createTempDirectory(folder, "restored");
        OptionalLong step = checkpoints.restoreKept(to, most);
        return step.orElseThrow() + " " + Files.readString(to.resolve("state.bin"));
    }

    private String restored(Checkpoints checkpoints) throws IOException {
        Path to = Files.createTempDirectory(folder, "restored");
        OptionalLong step = checkpoints.restore(to);
        return step.orElseThrow() + " " + Files.readString(to.resolve("state.bin"));
    }

    @Test
    void largeFilesAreUploadedInPartsAndReadByRanges() throws IOException {
        byte[] large = new byte[(11 << 20) + 5];
        new Random(1).nextBytes(large);
        Path file = folder.resolve("large");
        Files.write(file, large);
        objects.upload("large", file);
        assertThat(objects.size("large")).contains((long) large.length);
        try (var in = objects.open("large")) {
            assertThat(in.readAllBytes()).isEqualTo(large);
        }
        assertThat(objects.range("large", 5 << 20, 100)).isEqualTo(Arrays.copyOfRange(large, 5 << 20, (5 << 20) + 100));
        assertThat(objects.range("large", large.length, 100)).isEmpty();
    }

    @Test
    void wrongCredentialsBucketsAndEndpointsAreReportedInOneLine() {
        StoreLocation right = server.location();
        try (S3ObjectStore wrong =
                S3ObjectStore.open(right, StaticCredentialsProvider.create(AwsBasicCredentials.create("moco", "no")))) {
            assertFailure(() -> wrong.get("a"), ExitCode.BAD_CONFIG, "the credentials may not read a (");
        }
        StoreLocation noBucket = new StoreLocation("nowhere", "", right.endpoint(), null, true, true);
        try (S3ObjectStore wrong = S3ObjectStore.open(noBucket, server.credentials())) {
            assertFailure(
                    () -> wrong.list("", entry -> {}),
                    ExitCode.BAD_CONFIG,
                    "S3 at " + right.endpoint()
                            + ", bucket \"nowhere\": the bucket does not exist; create it, or correct"
                            + " spec.storage.bucket");
        }
        StoreLocation noServer = new StoreLocation("moco", "", "http://127.0.0.1:1", null, true, true);
        try (S3ObjectStore wrong = S3ObjectStore.open(noServer, server.credentials())) {
            assertFailure(
                    () -> wrong.get("a"),
                    ExitCode.FAULT,
                    "S3 at http://127.0.0.1:1, bucket \"moco\" cannot be reached, to read a: connection refused");
        }
    }

    private static void assertFailure(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, int exitCode, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(exitCode))
                .hasMessageContaining(message);
    }

    @Test
    void theFingerprintOfASourceChangesWithItsFiles() throws IOException {
        Path raw = Files.createDirectories(folder.resolve("raw/train"));
        for (String source : List.of(folder.resolve("raw").toString(), "s3://moco/data")) {
            Files.writeString(raw.resolve("1.jpg"), "one");
            objects.put("data/train/1.jpg", bytes("one"));
            try (SourceTree tree =
                    SourceTree.open(source, server.location(), at -> S3ObjectStore.open(at, server.credentials()))) {
                String before = tree.fingerprint();
                assertThat(tree.fingerprint()).isEqualTo(before);
                List<String> paths = new ArrayList<>();
                tree.list(file -> paths.add(file.path()));
                assertThat(paths).containsExactly("train/1.jpg");
                assertThat(tree.range("train/1.jpg", 1, 2)).asString().isEqualTo("ne");
                Files.writeString(raw.resolve("1.jpg"), "another");
                objects.put("data/train/1.jpg", bytes("another"));
                assertThat(tree.fingerprint()).isNotEqualTo(before);
            }
        }
        assertThatThrownBy(() -> SourceTree.open("/no/such/folder", null))
                .hasMessage("raw data: no folder or file /no/such/folder; allowed are one that exists and"
                        + " s3://bucket/prefix");
    }

    @Test
    void aSourceMayBeOneFile() throws IOException {
        Path raw = Files.createDirectories(folder.resolve("files"));
        for (String source : List.of(raw.resolve("w.pth").toString(), "s3://moco/files/w.pth")) {
            Files.writeString(raw.resolve("w.pth"), "one");
            Files.writeString(raw.resolve("w.pth.md5"), "beside it");
            objects.put("files/w.pth", bytes("one"));
            objects.put("files/w.pth.md5", bytes("beside it"));
            try (SourceTree tree =
                    SourceTree.open(source, server.location(), at -> S3ObjectStore.open(at, server.credentials()))) {
                String before = tree.fingerprint();
                List<SourceTree.SourceFile> files = new ArrayList<>();
                tree.list(files::add);
                assertThat(files).hasSize(1).allSatisfy(file -> {
                    assertThat(file.path()).isEqualTo("w.pth");
                    assertThat(file.size()).isEqualTo(3);
                });
                assertThat(tree.open("w.pth").readAllBytes()).asString().isEqualTo("one");
                assertThat(tree.range("w.pth", 1, 2)).asString().isEqualTo("ne");
                Files.writeString(raw.resolve("w.pth.md5"), "is another now");
                assertThat(tree.fingerprint()).isEqualTo(before);
                Files.writeString(raw.resolve("w.pth"), "another");
                objects.put("files/w.pth", bytes("another"));
                assertThat(tree.fingerprint()).isNotEqualTo(before);
            }
        }
        try (SourceTree tree = SourceTree.open(
                "s3://moco/files/nothing", server.location(), at -> S3ObjectStore.open(at, server.credentials()))) {
            assertThatThrownBy(tree::fingerprint)
                    .hasMessageContaining("raw data: nothing in s3://moco/files/nothing at ");
        }
    }

    private Manifest commit(long seed, String content) throws IOException {
        return store.commit(uploaded(seed, content));
    }

    private Manifest uploaded(long seed, String content) throws IOException {
        Manifest manifest = manifest(seed, content);
        store.upload(
                Stage.PREPARE,
                manifest.key(),
                Map.of("a.bin", file("files" + content, "a.bin", content).resolve("a.bin")));
        return manifest;
    }

    private static String name(Manifest manifest) {
        return ArtifactKey.prefix(Stage.PREPARE, manifest.key())
                + manifest.object(manifest.files().get(0));
    }

    private static Manifest manifest(long seed, String content) {
        PrepareConfig config = new PrepareConfig(
                PrepareConfig.Dataset.IMAGENET, "f00d", PrepareConfig.OnBadImage.FAIL, List.of(), 8, seed);
        return new Manifest(
                Manifest.VERSION,
                Stage.PREPARE,
                ArtifactKey.of(config, Map.of()),
                config,
                Map.of(),
                List.of(new FileEntry("a.bin", content.length(), Sha256.of(bytes(content)))),
                List.of(),
                new StageResult.Prepared(1, 1, 1, 7, 0, List.of()),
                new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 1, 0));
    }

    private Path file(String under, String name, String content) throws IOException {
        Path to = Files.createDirectories(folder.resolve(under));
        Files.writeString(to.resolve(name), content);
        return to;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
