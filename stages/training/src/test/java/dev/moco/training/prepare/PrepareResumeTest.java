package dev.moco.training.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.training.data.shards.Split;
import dev.moco.training.stage.DyingStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of the prepare stage that end early, and the runs after them. */
class PrepareResumeTest {
    private static final String PART = "parts/train-000001.json";

    @TempDir
    Path folder;

    @ParameterizedTest(name = "the last call is made: {0}")
    @ValueSource(booleans = {false, true})
    void aRunThatDiesAtAnyCallOfTheStoreIsContinued(boolean made) throws Exception {
        PrepareStage stage = PrepareStage.of(folder, 10, 4);
        Manifest undisturbed = stage.run(objects("undisturbed"), () -> false);
        assertThat(undisturbed.files()).hasSize(1 + 2 * (3 + 2));
        boolean died = true;
        for (int call = 0; died; call++) {
            ObjectStore objects = objects("call-" + call);
            DyingStore dying = new DyingStore(objects, call, made);
            try {
                stage.run(dying.objects(), () -> false);
            } catch (StageFailure e) {
                assertThat(e).hasMessageContaining("the process is dead");
            }
            died = dying.died();
            assertThat(stage.cache()).isEmptyDirectory();

            Manifest continued = stage.run(objects, () -> false);
            assertThat(continued.files()).isEqualTo(undisturbed.files());
            assertThat(continued.result()).isEqualTo(undisturbed.result());
            assertIntact(objects, continued);
        }
    }

    @Test
    void recordedShardsAreNotReadAgain() throws Exception {
        PrepareStage stage = PrepareStage.of(folder, 20, 4);
        Manifest undisturbed = stage.run(objects("undisturbed"), () -> false);
        ObjectStore objects = objects("store");
        AtomicInteger records = new AtomicInteger();
        ObjectStore dying = before(objects, "put", key -> {
            if (key.contains("/parts/") && records.incrementAndGet() > 5) {
                throw StageFailure.fault("the process is dead");
            }
        });
        assertThatThrownBy(() -> stage.run(dying, () -> false)).hasMessageContaining("the process is dead");
        // An image that is read is found to be corrupt.
        overwriteImages(stage, names(objects, stage.prefix() + "parts/"));

        assertThat(stage.run(objects, () -> false).files()).isEqualTo(undisturbed.files());
    }

    /** Overwrites the training images of recorded shards by zeros, without a change of their sizes. */
    private void overwriteImages(PrepareStage stage, List<String> records) throws IOException {
        assertThat(records).hasSize(5);
        List<RawImage> train = RawShuffle.of(listed(stage), 7);
        for (String record : records) {
            if (record.contains("train-")) {
                int number = Integer.parseInt(record.replaceAll(".*train-|\\.json", ""));
                for (RawImage image : train.subList(4 * number, 4 * number + 4)) {
                    Path file = stage.source().resolve(image.image().path());
                    Files.write(file, new byte[(int) Files.size(file)]);
                }
            }
        }
    }

    private List<RawImage> listed(PrepareStage stage) throws IOException {
        try (RawSource files =
                RawSource.open(stage.source().toString(), stage.task(location()).store())) {
            return ImagenetLayout.list(
                            files,
                            EmptyParts.in(folder.resolve("listed")),
                            new ListingProgress(report -> {}, () -> false))
                    .splits()
                    .getOrDefault(Split.TRAIN, List.of());
        }
    }

    private static StoreLocation location() {
        return new StoreLocation("bucket", "", null, null, true, true);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "a torn record",
                "another version",
                "another listing",
                "another path",
                "another digest",
                "fewer images",
                "a bad image of another shard",
                "the record of another shard",
                "a huge record",
                "no shard",
                "a shard of another size",
                "no index"
            })
    void aShardWhoseRecordDoesNotHoldIsMadeAgain(String damage) throws Exception {
        PrepareStage stage = PrepareStage.of(folder, 10, 4);
        ObjectStore objects = objects("store");
        Manifest undisturbed = stage.run(objects, () -> false);
        objects.delete(stage.prefix() + "manifest.json");
        damage(objects, stage, undisturbed, damage);
        List<String> uploads = new ArrayList<>();

        Manifest again = stage.run(before(objects, "upload", uploads::add), () -> false);

        assertThat(again.files()).isEqualTo(undisturbed.files());
        assertIntact(objects, again);
        assertThat(uploads)
                .extracting(key -> key.substring(key.lastIndexOf('/') + 1))
                .containsExactlyInAnyOrder("000001.tar", "000001.json", "index.json");
    }

    private static void damage(ObjectStore objects, PrepareStage stage, Manifest manifest, String damage)
            throws IOException {
        String part = stage.prefix() + PART;
        String record = new String(objects.get(part).orElseThrow(), StandardCharsets.UTF_8);
        FileEntry tar = entry(manifest, "train/000001.tar");
        String object = stage.prefix() + tar.object();
        switch (damage) {
            case "a torn record" -> put(objects, part, record.substring(0, record.length() / 2));
            case "another version" -> put(objects, part, record.replace("\"version\":1", "\"version\":2"));
            case "another listing" ->
                put(objects, part, record.replaceAll("\"listing\":\"[0-9a-f]{64}", "\"listing\":\"" + "0".repeat(64)));
            case "another path" -> put(objects, part, record.replace("train/000001.tar", "train/000002.tar"));
            case "another digest" -> put(objects, part, record.replace(tar.sha256(), "0".repeat(64)));
            case "fewer images" -> put(objects, part, record.replace("\"images\":4", "\"images\":3"));
            case "a bad image of another shard" ->
                put(
                        objects,
                        part,
                        record.replace("\"images\":4", "\"images\":3").replace("\"bad\":{}", "\"bad\":{\"a\":\"b\"}"));
            case "the record of another shard" ->
                objects.put(
                        part,
                        objects.get(stage.prefix() + "parts/train-000000.json").orElseThrow());
            case "a huge record" -> objects.put(part, new byte[ObjectStore.METADATA_BYTES + 1]);
            case "no shard" -> objects.delete(object);
            case "a shard of another size" -> put(objects, object, "short");
            case "no index" ->
                objects.delete(
                        stage.prefix() + entry(manifest, "train/000001.json").object());
            default -> throw new AssertionError(damage);
        }
    }

    private static void put(ObjectStore objects, String key, String text) throws IOException {
        objects.put(key, text.getBytes(StandardCharsets.UTF_8));
    }

    private static FileEntry entry(Manifest manifest, String path) {
        return manifest.files().stream()
                .filter(file -> file.path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aLostShardOfACommittedSetIsMadeAgainAlone() throws Exception {
        PrepareStage stage = PrepareStage.of(folder, 10, 4);
        ObjectStore objects = objects("store");
        Manifest committed = stage.run(objects, () -> false);
        objects.delete(stage.prefix() + entry(committed, "train/000001.tar").object());
        List<String> uploads = new ArrayList<>();

        assertThat(stage.run(before(objects, "upload", uploads::add), () -> false))
                .isEqualTo(committed);
        assertThat(uploads).hasSize(3);
        assertIntact(objects, committed);
    }

    @Test
    void twoRunsAtOnceCommitOneResult() throws Exception {
        PrepareStage stage = PrepareStage.of(folder, 40, 4);
        Manifest undisturbed = stage.run(objects("undisturbed"), () -> false);
        ObjectStore objects = objects("store");
        List<CompletableFuture<Manifest>> runs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            runs.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return stage.run(objects, () -> false);
                } catch (IOException | InterruptedException e) {
                    throw new CompletionException(e);
                }
            }));
        }
        assertThat(runs.get(0).join()).isEqualTo(runs.get(1).join());
        assertThat(runs.get(0).join().files()).isEqualTo(undisturbed.files());
        assertIntact(objects, runs.get(0).join());
    }

    @ParameterizedTest(name = "after {0} shards")
    @CsvSource({"0", "1", "7"})
    void aStopLeavesTheStoredShardsAndTheNextRunContinues(int shards) throws Exception {
        PrepareStage stage = PrepareStage.of(folder, 40, 4);
        Manifest undisturbed = stage.run(objects("undisturbed"), () -> false);
        ObjectStore objects = objects("store");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger records = new AtomicInteger();
        ObjectStore stopping = before(objects, "put", key -> {
            if (key.contains("/parts/")) {
                records.incrementAndGet();
                stop.set(records.get() > shards);
            }
        });
        assertThatThrownBy(() -> stage.run(stopping, stop::get))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTERRUPTED))
                .hasMessage("prepare was stopped; the next run continues after the shards that are stored");
        // Uploads that had begun were recorded.
        assertThat(names(objects, stage.prefix() + "parts/")).hasSize(records.get());
        assertThat(stage.cache()).isEmptyDirectory();

        assertThat(stage.run(objects, () -> false).files()).isEqualTo(undisturbed.files());
    }

    @Test
    void theScratchDiskHoldsTheShardsInProgressOnly() throws Exception {
        PrepareStage stage = PrepareStage.of(folder, 120, 4);
        List<Long> files = new ArrayList<>();
        ObjectStore watched = before(objects("store"), "upload", key -> {
            try (Stream<Path> scratch = Files.walk(stage.cache())) {
                synchronized (files) {
                    files.add(scratch.filter(file -> file.toString().matches(".*/\\d{6}\\.(tar|json)"))
                            .count());
                }
            } catch (IOException | UncheckedIOException e) {
                // a file that was deleted while it was counted
            }
        });

        assertThat(stage.run(watched, () -> false).files()).hasSize(1 + 2 * 45);

        // Two threads and two uploads: four shards and their indices.
        assertThat(files).isNotEmpty().allMatch(count -> count <= 2 * 4);
    }

    private ObjectStore objects(String name) throws IOException {
        Files.createDirectories(folder.resolve(name));
        return EmbeddedS3.folder(folder.resolve(name));
    }

    /** The same store, with an action before each call of a method. */
    private static ObjectStore before(ObjectStore objects, String name, Consumer<String> action) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals(name)) {
                        synchronized (action) {
                            action.accept((String) arguments[0]);
                        }
                    }
                    try {
                        return method.invoke(objects, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static List<String> names(ObjectStore objects, String prefix) throws IOException {
        List<String> names = new ArrayList<>();
        objects.list(prefix, object -> names.add(object.key()));
        return names;
    }

    /** Every file of a manifest is in the store with its bytes. */
    private void assertIntact(ObjectStore objects, Manifest manifest) throws IOException {
        Path cache = Files.createTempDirectory(folder, "verified");
        ArtifactReader reader = new ArtifactStore(objects).reader(manifest.ref(), cache);
        for (FileEntry file : manifest.files()) {
            assertThat(reader.file(file.path())).hasSize(file.size());
        }
    }
}
