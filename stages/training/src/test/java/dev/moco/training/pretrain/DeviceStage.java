package dev.moco.training.pretrain;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.FileTree;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.Architecture;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.Manifest;
import dev.moco.contract.Optimizer;
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
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.Termination;
import dev.moco.training.StageMain;
import dev.moco.training.data.shards.TinyDataset;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A small pre-training of 20 steps and 8 ranks with a store in a folder, and its processes. */
final class DeviceStage {
    private static final int BATCH = 16;
    private static final PretrainConfig CONFIG = new PretrainConfig(
            Architecture.RESNET10W16,
            Head.MLP,
            32,
            32,
            Augmentation.AUG_PLUS,
            4,
            BATCH,
            8,
            new Contrast(2 * BATCH, 0.2, 0.99),
            new Optimizer(0.03, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of()),
            Precision.FLOAT32,
            5);

    /** Whole batches, and some images of another. */
    private static final int IMAGES = 5 * BATCH + 6;

    private final Path folder;
    private final EmbeddedS3 server;
    private final ArtifactStore store;
    private final Map<String, ArtifactRef> inputs;
    private PretrainConfig config = CONFIG;

    DeviceStage(Path folder, EmbeddedS3 server, ObjectStore objects) throws IOException {
        this.folder = folder;
        this.server = server;
        this.store = new ArtifactStore(objects);
        Path images = Files.createDirectory(folder.resolve("images"));
        TinyDataset.classification(images, IMAGES, 4, 4, 40);
        this.inputs = Map.of(StageTask.IMAGENET, prepared(images));
    }

    private ArtifactRef prepared(Path images) throws IOException {
        PrepareConfig made =
                new PrepareConfig(Dataset.IMAGENET, "f", OnBadImage.FAIL, List.of("a", "b", "c", "d"), 16, 0);
        String key = ArtifactKey.of(made, Map.of());
        Map<String, Path> files = new HashMap<>();
        try (Stream<Path> all = Files.walk(images)) {
            all.filter(Files::isRegularFile)
                    .forEach(file -> files.put(images.relativize(file).toString(), file));
        }
        return store.commit(new Manifest(
                        Manifest.VERSION,
                        Stage.PREPARE,
                        key,
                        made,
                        Map.of(),
                        store.upload(Stage.PREPARE, key, files),
                        List.of(),
                        new StageResult.Prepared(IMAGES, 4, 4, 0, 0, List.of()),
                        new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 0, 0)))
                .ref();
    }

    /** Lets the next runs train otherwise. */
    void configure(PretrainConfig other) {
        config = other;
    }

    String key() {
        return ArtifactKey.of(config, inputs);
    }

    /** The committed result. */
    Manifest manifest() throws IOException {
        return store.manifest(Stage.PRETRAIN, key()).orElseThrow();
    }

    /** Deletes result and checkpoints, so that the next run starts anew. */
    void remove() throws IOException {
        Path stored =
                folder.resolve("s3").resolve(EmbeddedS3.BUCKET).resolve(ArtifactKey.prefix(Stage.PRETRAIN, key()));
        if (Files.exists(stored)) {
            FileTree.delete(stored);
        }
    }

    Termination termination() throws IOException {
        return CanonicalJson.read(Files.readAllBytes(terminationFile()), Termination.class);
    }

    private Path terminationFile() {
        return folder.resolve("termination");
    }

    /** Starts the stage; it saves a checkpoint after every step. */
    Process start(StoreLocation location, int devices, Path log) throws IOException {
        return start(location, devices, log, Map.of());
    }

    /** Starts the stage with more variables. */
    Process start(StoreLocation location, int devices, Path log, Map<String, String> variables) throws IOException {
        Files.deleteIfExists(terminationFile());
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                StageMain.class.getName(),
                "pretrain");
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("MOCO_"));
        builder.environment().putAll(server.environment());
        StageTask task = new StageTask(
                "tiny",
                "pretrain",
                key(),
                config,
                inputs,
                null,
                location,
                new StageTask.Execution(
                        1, Files.createTempDirectory(folder, "cache").toString(), 0, 0, null));
        builder.environment().put(StageTask.VARIABLE, new String(CanonicalJson.bytes(task), StandardCharsets.UTF_8));
        builder.environment()
                .put(StageTask.TERMINATION_VARIABLE, terminationFile().toString());
        builder.environment().put("MOCO_DEVICES", Integer.toString(devices));
        builder.environment().putAll(variables);
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }
}
