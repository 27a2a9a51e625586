package dev.moco.training.peer;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.contract.Architecture;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
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
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.training.data.shards.ShardedImages;
import dev.moco.training.linear.LinearProbe;
import dev.moco.training.prepare.Prepare;
import dev.moco.training.pretrain.Pretrain;
import dev.moco.training.stage.StageProgram;
import dev.moco.training.stage.StageRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stages of {@code pipelines/quickstart/experiment.yaml} without detection, with a store in a folder. */
final class QuickstartRun {
    static final PretrainConfig PRETRAIN = new PretrainConfig(
            Architecture.RESNET10W16,
            Head.MLP,
            128,
            32,
            Augmentation.AUG_PLUS,
            20,
            128,
            2,
            new Contrast(4096, 0.2, 0.99),
            new Optimizer(0.06, 0.9, 1e-4, Schedule.COSINE, List.of()),
            Precision.FLOAT32,
            0);
    static final LinearConfig LINEAR = new LinearConfig(
            Architecture.RESNET10W16,
            false,
            0,
            32,
            10,
            256,
            new Optimizer(10, 0.9, 0, Schedule.STEP, List.of(6, 8)),
            Precision.FLOAT32,
            0);
    static final KnnMonitor KNN = new KnnMonitor(4, 200, 0.1, 50_000);

    private static final Path QUICKSTART = Path.of("..", "..", "pipelines", "quickstart");
    private static final int SHARD_IMAGES = 1024;
    private static final int CHECKPOINT_SECONDS = 600;

    /** Curves of a run: mean loss of each epoch, top-1 of each run of the monitor and after each epoch of linear. */
    @SuppressWarnings("ArrayRecordComponent") // read once
    record Curves(double[] loss, double[] knn, double[] linear) {}

    private final Path folder;
    private final ArtifactStore store;
    private final Manifest prepared;

    /** Prepares the images. */
    QuickstartRun(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.store = new ArtifactStore(EmbeddedS3.folder(Files.createDirectories(folder.resolve("store"))));
        PrepareConfig config =
                new PrepareConfig(Dataset.IMAGENET, "quickstart", OnBadImage.FAIL, List.of(), SHARD_IMAGES, 0);
        Path images = QUICKSTART.resolve("data").resolve("imagenet").toAbsolutePath();
        prepared = run(new Prepare(), config, Map.of(), images.toString());
    }

    /** The experiment's text. */
    static String experiment() throws IOException {
        return Files.readString(QUICKSTART.resolve("experiment.yaml"));
    }

    /** Copies the prepared files to a folder. */
    Path copyOfPrepared() throws IOException {
        Path copy = folder.resolve("prepared");
        ArtifactReader reader = reader(prepared);
        for (FileEntry entry : prepared.files()) {
            Path file = copy.resolve(entry.path());
            Files.createDirectories(file.getParent());
            Files.copy(reader.file(entry.path()), file);
        }
        return copy;
    }

    /** Pre-trains and trains a classifier. */
    Curves curves(long seed) throws IOException, InterruptedException {
        ArtifactRef images = prepared.ref();
        Manifest encoder = run(
                new Pretrain(ShardedImages::open), PRETRAIN.withSeed(seed), Map.of(StageTask.IMAGENET, images), null);
        Manifest linear = run(
                new LinearProbe(ShardedImages::open),
                withSeed(seed),
                Map.of(StageTask.IMAGENET, images, StageTask.ENCODER, encoder.ref()),
                null);
        List<HistoryPoint> points = history(encoder);
        return new Curves(losses(points), values(points, "knnTop1"), values(history(linear), "validationTop1"));
    }

    private static LinearConfig withSeed(long seed) {
        return new LinearConfig(
                LINEAR.architecture(),
                false,
                0,
                LINEAR.imageSize(),
                LINEAR.epochs(),
                LINEAR.batchSize(),
                LINEAR.optimizer(),
                LINEAR.precision(),
                seed);
    }

    private <C extends StageConfig> Manifest run(
            StageProgram<C> program, C config, Map<String, ArtifactRef> inputs, @Nullable String source)
            throws IOException, InterruptedException {
        StageTask task = new StageTask(
                "quickstart",
                config.stage().id(),
                ArtifactKey.of(config, inputs),
                config,
                inputs,
                source,
                new StoreLocation(EmbeddedS3.BUCKET, "", null, null, true, true),
                new StageTask.Execution(
                        Runtime.getRuntime().availableProcessors(),
                        cache().toString(),
                        CHECKPOINT_SECONDS,
                        10,
                        config instanceof PretrainConfig ? KNN : null,
                        false));
        try (StageRun run = new StageRun(task, store, () -> false, Map.of(), () -> 0)) {
            return run.execute(program, config);
        }
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    private ArtifactReader reader(Manifest manifest) {
        return store.reader(manifest, cache());
    }

    private List<HistoryPoint> history(Manifest manifest) throws IOException {
        return Files.readAllLines(reader(manifest).file(HistoryPoint.FILE)).stream()
                .map(line -> CanonicalJson.read(line.getBytes(StandardCharsets.UTF_8), HistoryPoint.class))
                .toList();
    }

    private static double[] values(List<HistoryPoint> points, String name) {
        return points.stream()
                .filter(point -> point.values().containsKey(name))
                .mapToDouble(point -> point.values().get(name))
                .toArray();
    }

    /** Mean of each epoch; a line has the mean of the steps since the last one, which an epoch's end has too. */
    private static double[] losses(List<HistoryPoint> points) {
        double[] sums = new double[PRETRAIN.epochs()];
        long[] steps = new long[sums.length];
        long last = 0;
        for (HistoryPoint point : points) {
            Double loss = point.values().get("loss");
            if (loss != null) {
                sums[point.epoch()] += loss * (point.step() - last);
                steps[point.epoch()] += point.step() - last;
                last = point.step();
            }
        }
        for (int epoch = 0; epoch < sums.length; epoch++) {
            sums[epoch] /= steps[epoch];
        }
        return sums;
    }
}
