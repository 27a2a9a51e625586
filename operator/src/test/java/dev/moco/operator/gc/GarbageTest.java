package dev.moco.operator.gc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.artifacts.FolderObjectStore;
import dev.moco.artifacts.ObjectStore;
import dev.moco.artifacts.ObjectStore.StoredObject;
import dev.moco.artifacts.StageObjects;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.Stage;
import dev.moco.contract.Task;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.spec.ExperimentReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results of two experiments that share their data: kept, {@code a}, and one that is no longer needed, {@code b}. */
class GarbageTest {
    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
    private static final Instant DAY_BEFORE = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant OLD = Instant.parse("2025-12-01T00:00:00Z");

    private final Map<String, Manifest> manifests = new HashMap<>();
    private final Map<String, StageObjects> found = new HashMap<>();
    private Decision kept;
    private Decision dropped;

    @TempDir
    Path folder;

    @BeforeEach
    void commit() throws IOException {
        kept = committed(experiment("a", "temperature: 0.2"), fingerprints());
        dropped = committed(experiment("b", "temperature: 0.4"), fingerprints());
    }

    @Test
    void whatAnExperimentNeedsIsKeptAndTheRestIsGarbage() {
        assertThat(garbage(Map.of("a", kept)))
                .containsExactlyInAnyOrder(
                        key(dropped, Task.PRETRAIN) + " no experiment needs it",
                        key(dropped, Task.LINEAR) + " no experiment needs it");
        assertThat(garbage(Map.of("a", kept, "b", dropped))).isEmpty();
        assertThat(garbage(Map.of())).hasSize(5);
    }

    @Test
    void whatIsNeededNamesItsExperiments() {
        assertThat(all(Map.of("a", kept, "b", dropped)).stream()
                        .collect(Collectors.toMap(each -> each.found().prefix(), Garbage::neededBy)))
                .containsEntry(prefix(kept, Task.PREPARE_IMAGENET), List.of("a", "b"))
                .containsEntry(prefix(kept, Task.PRETRAIN), List.of("a"))
                .containsEntry(prefix(dropped, Task.LINEAR), List.of("b"));
    }

    @Test
    void whatWasChangedLatelyMayStillBeWritten() {
        add(prefix(dropped, Task.LINEAR), "progress.json", NOW);
        assertThat(garbage(Map.of("a", kept))).containsExactly(key(dropped, Task.PRETRAIN) + " no experiment needs it");
        add(prefix(dropped, Task.PRETRAIN), "files/x/unknown", Instant.MAX);
        assertThat(garbage(Map.of("a", kept))).isEmpty();
    }

    @Test
    void checkpointsOfANeededStageAreKeptAndThoseOfAnotherAreNot() {
        String other = "v1/stages/pretrain/" + "ab".repeat(32) + "/";
        add(other, "checkpoints/000000000008/checkpoint.json", OLD);
        add(prefix(kept, Task.PRETRAIN), "checkpoints/000000000008/checkpoint.json", OLD);
        assertThat(garbage(Map.of("a", kept, "b", dropped)))
                .containsExactly("ab".repeat(32) + " unfinished, and no experiment needs it");
    }

    @Test
    void filesThatNoManifestListsAreLeftByAttemptsThatEnded() {
        String prefix = prefix(kept, Task.PRETRAIN);
        add(prefix, "files/other/encoder.safetensors", OLD);
        add(prefix, "parts/train-0.json", OLD);
        Garbage pretrain = all(Map.of("a", kept, "b", dropped)).stream()
                .filter(each -> !each.objects().isEmpty())
                .findFirst()
                .orElseThrow();
        assertThat(pretrain.objects())
                .extracting(StoredObject::key)
                .containsExactly(prefix + "files/other/encoder.safetensors");
        // A result that has lost a file is made again, from what is there.
        StageObjects damaged = Objects.requireNonNull(found.get(prefix));
        found.put(
                prefix,
                new StageObjects(
                        damaged.stage(),
                        damaged.key(),
                        damaged.objects().stream()
                                .filter(object -> !object.key().endsWith("/file"))
                                .toList()));
        assertThat(garbage(Map.of("a", kept, "b", dropped))).isEmpty();
    }

    @Test
    void aTaskWithoutAKeyMayNeedEveryResultOfItsConfiguration() {
        // The raw data cannot be listed here: no key is known.
        Decision unlisted = Plan.decide(
                experiment("a", "temperature: 0.2"), new PlanInput(Map.of(), Map.of(), Map.of(), Map.of()), NOW);
        assertThat(garbage(Map.of("a", unlisted)))
                .as("another temperature; linear classification of both has one configuration")
                .containsExactly(key(dropped, Task.PRETRAIN) + " no experiment needs it");
        // An unfinished stage has no configuration that could be compared.
        add("v1/stages/pretrain/" + "ab".repeat(32) + "/", "progress.json", OLD);
        assertThat(garbage(Map.of("a", unlisted))).hasSize(1);
    }

    @Test
    void aLongerRunThatHasNotEndedMayGoOnFromAShorterOne() {
        Map<String, Decision> longerByKey = new HashMap<>();
        for (String schedule : List.of("schedule: Step, milestones: [1]", "schedule: Cosine")) {
            Decision shorter = committed(experiment("b", schedule + ", epochs: 3"), fingerprints());
            Decision longer = Plan.decide(
                    experiment("b", schedule + ", epochs: 6"),
                    new PlanInput(
                            fingerprints(),
                            manifests.values().stream().collect(Collectors.toMap(Manifest::key, made -> made)),
                            Map.of(),
                            Map.of()),
                    NOW);
            longerByKey.put(key(shorter, Task.PRETRAIN), longer);
        }
        longerByKey.forEach((shorter, longer) -> assertThat(
                        garbage(Map.of("a", kept, "b", longer)).stream().noneMatch(line -> line.startsWith(shorter)))
                .isEqualTo(
                        ((PretrainConfig) task(longer, Task.PRETRAIN).config().orElseThrow()).continues()));
    }

    @Test
    void aCheckpointIsNeededUntilItsWeightsAreCommitted() throws IOException {
        String checkpoint = "s3://mine/" + prefix(dropped, Task.PRETRAIN) + "checkpoints/000000000008";
        Experiment evaluation = read("""
                metadata: {name: e}
                spec:
                  data: {imagenet: s3://raw/imagenet}
                  detection: {enabled: false}
                  encoder: {from: "%s", arch: resnet50}
                """.formatted(checkpoint));
        Decision before = Plan.decide(evaluation, new PlanInput(Map.of(), Map.of(), Map.of(), Map.of()), NOW);
        assertThat(garbage(Map.of("a", kept, "e", before)))
                .noneMatch(line -> line.startsWith(key(dropped, Task.PRETRAIN)));
        Decision after = committed(evaluation, Map.of(Task.PREPARE_IMAGENET, "i", Task.WEIGHTS, "w"));
        assertThat(garbage(Map.of("a", kept, "e", after)))
                .anyMatch(line -> line.startsWith(key(dropped, Task.PRETRAIN)));
    }

    @Test
    void anInterruptedDeletionIsFinishedByTheNext() throws IOException {
        try (ObjectStore store = stored()) {
            List<Garbage> garbage = all(Map.of("a", kept));
            ObjectStore failing = failing(store, 1);
            assertThatThrownBy(() -> GarbageCollection.delete(failing, garbage, () -> true))
                    .isInstanceOf(IOException.class)
                    .hasMessage("interrupted");
            List<StageObjects> left = StageObjects.list(store).stages();
            assertThat(left.stream().filter(StageObjects::isCommitted).count())
                    .as("what has begun is not committed anymore")
                    .isEqualTo(4);
            GarbageCollection done = GarbageCollection.delete(
                    store,
                    Garbage.of(
                            left,
                            manifests,
                            Needed.of(Map.of("a", kept)),
                            Instant.now().plusSeconds(60)),
                    () -> true);
            assertThat(done.kept()).isEmpty();
            assertThat(done.keys()).isEqualTo(2);
            assertThat(StageObjects.list(store).stages())
                    .extracting(StageObjects::key)
                    .containsExactlyInAnyOrder(
                            key(kept, Task.PREPARE_IMAGENET), key(kept, Task.PRETRAIN), key(kept, Task.LINEAR));
        }
    }

    @Test
    void whatIsWrittenMeanwhileIsKept() throws IOException {
        try (ObjectStore store = stored()) {
            List<StageObjects> listed = StageObjects.list(store).stages();
            List<Garbage> garbage = Garbage.of(
                    listed,
                    manifests,
                    Needed.of(Map.of("a", kept)),
                    Instant.now().plusSeconds(60));
            store.put(prefix(dropped, Task.PRETRAIN) + "checkpoints/000000000016/checkpoint.json", new byte[1]);
            GarbageCollection done = GarbageCollection.delete(store, garbage, () -> true);
            assertThat(done.keys()).isEqualTo(1);
            assertThat(done.kept()).containsExactly(prefix(dropped, Task.PRETRAIN) + " was written meanwhile");
            assertThat(store.get(prefix(dropped, Task.PRETRAIN) + "manifest.json"))
                    .isPresent();
        }
    }

    @Test
    void anExperimentThatBeginsMeanwhileKeepsTheRest() throws IOException {
        try (ObjectStore store = stored()) {
            List<Garbage> garbage = Garbage.of(
                    StageObjects.list(store).stages(),
                    manifests,
                    Needed.of(Map.of("a", kept)),
                    Instant.now().plusSeconds(60));
            int[] asked = {0};
            GarbageCollection done = GarbageCollection.delete(store, garbage, () -> asked[0]++ == 0);
            assertThat(done.keys()).isEqualTo(1);
            assertThat(done.kept())
                    .singleElement()
                    .asString()
                    .endsWith(" and all after it: an experiment was recorded meanwhile");
        }
    }

    @Test
    void whatALinkLeadsToIsKept() throws IOException {
        try (ObjectStore store = stored()) {
            Path place = folder.resolve("store").resolve(prefix(dropped, Task.LINEAR));
            Path images = Files.createDirectories(folder.resolve("images"));
            Path image = Files.writeString(images.resolve("1.png"), "x");
            Files.createSymbolicLink(place.resolve("linked"), images);
            List<Garbage> garbage = Garbage.of(
                    StageObjects.list(store).stages(),
                    manifests,
                    Needed.of(Map.of("a", kept)),
                    Instant.now().plusSeconds(60));
            assertThat(GarbageCollection.delete(store, garbage, () -> true).kept())
                    .singleElement()
                    .asString()
                    .contains("a symbolic link leads out of");
            assertThat(image).exists();
        }
    }

    /** A store whose deletions fail after so many. */
    private static ObjectStore failing(ObjectStore store, int deletions) {
        int[] left = {deletions};
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("delete") && left[0]-- <= 0) {
                        throw new IOException("interrupted");
                    }
                    return method.invoke(store, arguments);
                });
    }

    private List<String> garbage(Map<String, Decision> experiments) {
        return all(experiments).stream()
                .filter(each -> !each.objects().isEmpty())
                .map(each -> each.found().key() + " " + each.reason())
                .toList();
    }

    private List<Garbage> all(Map<String, Decision> experiments) {
        return Garbage.of(List.copyOf(found.values()), manifests, Needed.of(experiments), DAY_BEFORE);
    }

    private static Map<String, String> fingerprints() {
        return Map.of(Task.PREPARE_IMAGENET, "i");
    }

    /** Commits all tasks, and lists their objects. */
    private Decision committed(Experiment experiment, Map<String, String> fingerprints) {
        Map<String, Manifest> byKey = new HashMap<>();
        while (true) {
            Decision decision = Plan.decide(experiment, new PlanInput(fingerprints, byKey, Map.of(), Map.of()), NOW);
            List<PlannedTask> ready = decision.ready();
            if (ready.isEmpty()) {
                return decision;
            }
            for (PlannedTask task : ready) {
                assertThat(task.state()).isEqualTo(TaskState.READY);
                Manifest manifest = Commits.of(task);
                byKey.put(manifest.key(), manifest);
                String prefix = ArtifactKey.prefix(manifest.stage(), manifest.key());
                if (manifests.put(prefix, manifest) == null) {
                    manifest.all().forEach(file -> add(prefix, manifest.object(file), OLD));
                    add(prefix, "manifest.json", OLD);
                }
            }
        }
    }

    private void add(String prefix, String name, Instant changed) {
        StageObjects before = found.get(prefix);
        List<StoredObject> objects = new ArrayList<>(before == null ? List.of() : before.objects());
        objects.add(new StoredObject(prefix + name, 1, "1", changed));
        String[] parts = prefix.split("/", -1);
        found.put(prefix, new StageObjects(Stage.of(parts[2]), parts[3], objects));
    }

    /** The same in a folder. */
    private ObjectStore stored() throws IOException {
        ObjectStore store = new FolderObjectStore(Files.createDirectories(folder.resolve("store")));
        for (Map.Entry<String, Manifest> each : manifests.entrySet()) {
            for (Manifest.FileEntry file : each.getValue().all()) {
                store.put(each.getKey() + each.getValue().object(file), new byte[(int) file.size()]);
            }
            store.put(each.getKey() + "manifest.json", CanonicalJson.bytes(each.getValue()));
        }
        found.clear();
        StageObjects.list(store)
                .stages()
                .forEach(stage -> found.put(
                        stage.prefix(),
                        new StageObjects(
                                stage.stage(),
                                stage.key(),
                                stage.objects().stream()
                                        .map(object ->
                                                new StoredObject(object.key(), object.size(), object.stamp(), OLD))
                                        .toList())));
        return store;
    }

    private static String key(Decision decision, String name) {
        return task(decision, name).key().orElseThrow();
    }

    private static String prefix(Decision decision, String name) {
        PlannedTask task = task(decision, name);
        return ArtifactKey.prefix(task.task().stage(), task.key().orElseThrow());
    }

    private static PlannedTask task(Decision decision, String name) {
        return decision.tasks().stream()
                .filter(task -> task.task().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Experiment experiment(String name, String pretrain) {
        return read("""
                metadata: {name: %s}
                spec:
                  data: {imagenet: s3://raw/imagenet}
                  detection: {enabled: false}
                  linear: {baseline: false}
                  pretrain: {%s}
                """.formatted(name, pretrain));
    }

    private static Experiment read(String text) {
        try {
            return ExperimentReader.read(
                            new YAMLMapper().readTree("apiVersion: moco.dev/v1alpha1\nkind: MoCoExperiment\n" + text),
                            Optional.empty())
                    .experiment();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
