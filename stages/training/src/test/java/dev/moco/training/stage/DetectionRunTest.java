package dev.moco.training.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.FileTree;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.Architecture;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.Precision;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Provenance;
import dev.moco.contract.Stage;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.shards.TinyDataset;
import dev.moco.training.detect.Detect;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A detection trial with a store in a folder, from prepared shards to the committed artifact. */
class DetectionRunTest {
    private final DetectConfig config = new DetectConfig(
            Architecture.RESNET10W16,
            new DetectConfig.Input(List.of(48), 48, 64),
            new DetectConfig.Anchors(List.of(16), List.of(1.0)),
            new DetectConfig.Proposals(32, .5, 50, 20, 50, 20, .7),
            new DetectConfig.Regions(16, .25, 4, .05, .5, 10),
            new DetectConfig.Solver(6, 2, 1, .01, .9, 1e-4, List.of(4), 2, .001),
            1,
            Precision.FLOAT32,
            1);

    @TempDir
    private Path folder;

    private Map<String, ArtifactRef> inputs = Map.of();

    @BeforeEach
    void commitInputs() throws IOException {
        Path voc = Files.createDirectory(folder.resolve("voc"));
        TinyDataset.detection(voc, 8, 3, 2, 48);
        Path encoder = Files.createDirectory(folder.resolve("encoder"));
        EncoderLayout layout = EncoderLayout.of(config.architecture(), Head.MLP, 32);
        EncoderFile.write(encoder.resolve(EncoderFile.NAME), layout, EncoderWeights.initial(layout, 3));
        inputs = Map.of(StageTask.VOC, commit(Stage.PREPARE, voc), StageTask.ENCODER, commit(Stage.PRETRAIN, encoder));
    }

    @Test
    void aCommittedTrialIsNotRunAgain() throws Exception {
        Manifest first = run(() -> false);
        assertThat(first.result()).isInstanceOf(StageResult.Detected.class);
        assertThat(first.files())
                .extracting(Manifest.FileEntry::path)
                .containsExactly("detections.jsonl", "detector.safetensors");

        assertThat(run(() -> {
                    throw new AssertionError("the program ran");
                }))
                .isEqualTo(first);
    }

    @Test
    void aDamagedCheckpointIsSkippedAndTheResultIsTheSame() throws Exception {
        String digest = run(() -> false).digest();
        removeTrial();

        AtomicInteger steps = new AtomicInteger();
        assertThatThrownBy(() -> run(() -> steps.incrementAndGet() > 4))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTERRUPTED));
        List<Path> checkpoints = stored("parameters.f32");
        assertThat(checkpoints).hasSize(2);
        Path newest = checkpoints.get(1);
        Files.write(newest, new byte[] {1, 2, 3});

        assertThat(run(() -> false).digest()).isEqualTo(digest);
    }

    @Test
    void trainingGoesOnWhileCheckpointsCannotBeUploaded() throws Exception {
        String digest = run(() -> false).digest();
        removeTrial();
        AtomicInteger refused = new AtomicInteger();
        ObjectStore faulty = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("upload")
                            && arguments[0].toString().contains("/checkpoints/")
                            && refused.getAndIncrement() == 0) {
                        throw StageFailure.fault("the store does not answer");
                    }
                    return method.invoke(open().objects(), arguments);
                });

        // The first upload fails, and the stop waits for the last one.
        AtomicInteger steps = new AtomicInteger();
        assertThatThrownBy(() -> run(new ArtifactStore(faulty), () -> steps.incrementAndGet() > 4))
                .hasMessageContaining("checkpoint saved");
        assertThat(refused).hasValueGreaterThan(1);
        assertThat(stored("parameters.f32")).isNotEmpty();

        assertThat(run(() -> false).digest()).isEqualTo(digest);
        assertThat(stored("parameters.f32")).isEmpty();
    }

    private Manifest run(BooleanSupplier stop) throws IOException, InterruptedException {
        return run(open(), stop);
    }

    private Manifest run(ArtifactStore store, BooleanSupplier stop) throws IOException, InterruptedException {
        StageTask task = new StageTask(
                "tiny",
                "detect-0",
                ArtifactKey.of(config, inputs),
                config,
                inputs,
                null,
                new StoreLocation(EmbeddedS3.BUCKET, "", null, null, true, true),
                new StageTask.Execution(1, folder.resolve("cache").toString(), 0, 0, null, false));
        try (StageRun run = new StageRun(task, store, stop, Map.of(), () -> 0)) {
            return run.execute(new Detect(Collectives.ALONE), config);
        }
    }

    private ArtifactStore open() throws IOException {
        Files.createDirectories(folder.resolve("store").resolve(EmbeddedS3.BUCKET));
        return new ArtifactStore(EmbeddedS3.folder(folder.resolve("store")));
    }

    private ArtifactRef commit(Stage stage, Path files) throws IOException {
        ArtifactStore store = open();
        StageConfig made = stage == Stage.PREPARE
                ? new PrepareConfig(Dataset.VOC, "f", OnBadImage.FAIL, List.of("a"), 8, 0)
                : new PretrainConfig(
                        config.architecture(),
                        Head.MLP,
                        32,
                        32,
                        Augmentation.AUG_PLUS,
                        1,
                        8,
                        1,
                        new Contrast(16, 0.2, 0.9),
                        new Optimizer(0.1, 0.9, 0, Schedule.COSINE, List.of()),
                        Precision.FLOAT32,
                        3);
        String key = ArtifactKey.of(made, Map.of());
        Map<String, Path> byPath = new HashMap<>();
        try (Stream<Path> all = Files.walk(files)) {
            all.filter(Files::isRegularFile)
                    .forEach(file -> byPath.put(files.relativize(file).toString(), file));
        }
        return store.commit(new Manifest(
                        Manifest.VERSION,
                        stage,
                        key,
                        made,
                        Map.of(),
                        store.upload(stage, key, byPath),
                        List.of(),
                        new StageResult.Prepared(0, 0, 0, 0, 0, List.of()),
                        new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 0, 0)))
                .ref();
    }

    private List<Path> stored(String name) throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("store"))) {
            return all.filter(file -> file.endsWith(name)).sorted().toList();
        }
    }

    private void removeTrial() throws IOException {
        FileTree.delete(folder.resolve("store")
                .resolve(EmbeddedS3.BUCKET)
                .resolve(ArtifactKey.prefix(Stage.DETECT, ArtifactKey.of(config, inputs))));
    }
}
