package dev.moco.training.stage;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.Architecture;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.LinearConfig;
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
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.training.data.shards.TinyDataset;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Small stages, their inputs committed to a store in the folder {@code s3} of a test's folder. */
public final class SmallStages {
    private static final int BATCH = 16;

    /** Whole batches, and some images of another. */
    private static final int IMAGES = 5 * BATCH + 6;

    private SmallStages() {}

    /** Pre-training of 20 steps and 8 ranks. */
    public static DeviceStage pretraining(Path folder, EmbeddedS3 server, ObjectStore objects) throws IOException {
        PretrainConfig config = new PretrainConfig(
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
        return ofImages(folder, server, objects, "pretrain", config);
    }

    /** Linear classification on an untrained encoder, 12 steps. */
    public static DeviceStage linear(Path folder, EmbeddedS3 server, ObjectStore objects) throws IOException {
        LinearConfig config = new LinearConfig(
                Architecture.RESNET10W16,
                true,
                7,
                32,
                2,
                BATCH,
                new Optimizer(0.5, 0.9, 0, Optimizer.Schedule.STEP, List.of(1)),
                Precision.FLOAT32,
                5);
        return ofImages(folder, server, objects, "linear", config);
    }

    private static DeviceStage ofImages(
            Path folder, EmbeddedS3 server, ObjectStore objects, String name, StageConfig config) throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        TinyDataset.classification(images, IMAGES, 4, 4, 40);
        ArtifactStore store = new ArtifactStore(objects);
        PrepareConfig prepared =
                new PrepareConfig(Dataset.IMAGENET, "f", OnBadImage.FAIL, List.of("a", "b", "c", "d"), 16, 0);
        ArtifactRef ofImageNet =
                commit(store, prepared, images, new StageResult.Prepared(IMAGES, 4, 4, 0, 0, List.of()));
        return new DeviceStage(folder, server, store, name, config, Map.of(StageTask.IMAGENET, ofImageNet));
    }

    /** A trial of detection of 6 iterations and 2 ranks. */
    public static DeviceStage detection(Path folder, EmbeddedS3 server, ObjectStore objects) throws IOException {
        DetectConfig config = new DetectConfig(
                Architecture.RESNET10W16,
                new DetectConfig.Input(List.of(48), 48, 64),
                new DetectConfig.Anchors(List.of(16), List.of(1.0)),
                new DetectConfig.Proposals(32, .5, 50, 20, 50, 20, .7),
                new DetectConfig.Regions(16, .25, 4, .05, .5, 10),
                new DetectConfig.Solver(6, 4, 2, .01, .9, 1e-4, List.of(4), 2, .001),
                1,
                Precision.FLOAT32,
                1);
        Path voc = Files.createDirectory(folder.resolve("voc"));
        TinyDataset.detection(voc, 8, 3, 2, 48);
        Path encoder = Files.createDirectory(folder.resolve("encoder"));
        EncoderLayout layout = EncoderLayout.of(config.architecture(), Head.MLP, 32);
        EncoderFile.write(encoder.resolve(EncoderFile.NAME), layout, EncoderWeights.initial(layout, 3));
        ArtifactStore store = new ArtifactStore(objects);
        StageResult.Prepared nothing = new StageResult.Prepared(8, 3, 2, 0, 0, List.of());
        PrepareConfig prepared = new PrepareConfig(Dataset.VOC, "f", OnBadImage.FAIL, List.of("a", "b"), 8, 0);
        PrepareConfig weights = new PrepareConfig(Dataset.VOC, "encoder", OnBadImage.FAIL, List.of("a"), 8, 0);
        return new DeviceStage(
                folder,
                server,
                store,
                "detect-0",
                config,
                Map.of(
                        StageTask.VOC,
                        commit(store, prepared, voc, nothing),
                        StageTask.ENCODER,
                        commit(store, weights, encoder, nothing)));
    }

    private static ArtifactRef commit(ArtifactStore store, PrepareConfig made, Path folder, StageResult result)
            throws IOException {
        String key = ArtifactKey.of(made, Map.of());
        Map<String, Path> files = new HashMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            all.filter(Files::isRegularFile)
                    .forEach(file -> files.put(folder.relativize(file).toString(), file));
        }
        return store.commit(new Manifest(
                        Manifest.VERSION,
                        Stage.PREPARE,
                        key,
                        made,
                        Map.of(),
                        store.upload(Stage.PREPARE, key, files),
                        List.of(),
                        result,
                        new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 0, 0)))
                .ref();
    }
}
