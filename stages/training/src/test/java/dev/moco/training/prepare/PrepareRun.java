package dev.moco.training.prepare;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.StoredParts;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.Progress;
import dev.moco.contract.Provenance;
import dev.moco.contract.Stage;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.shards.ShardedImages;
import dev.moco.training.data.shards.Split;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A run of the prepare stage that reads one folder and stores its shards in another, without a commit. */
final class PrepareRun implements StageContext {
    static final StoreLocation STORE = new StoreLocation("bucket", "", null, null, true, true);

    final ConcurrentLinkedDeque<Progress> progress = new ConcurrentLinkedDeque<>();
    private final PrepareConfig config;
    private final Path source;
    private final Path folder;
    private final ArtifactStore store;
    private @Nullable StageOutput output;

    PrepareRun(Dataset dataset, OnBadImage onBadImage, Path source, Path folder) throws IOException {
        List<String> classes = dataset == Dataset.VOC ? List.of("bag", "boot") : List.of();
        config = new PrepareConfig(dataset, "fingerprint", onBadImage, classes, 4, 7);
        this.source = source;
        this.folder = folder;
        Files.createDirectories(scratch());
        store = new ArtifactStore(EmbeddedS3.folder(folder.resolve("store")));
    }

    StageOutput run() throws IOException, InterruptedException {
        output = new Prepare().run(config, this);
        return output;
    }

    StageResult.Prepared prepared() throws IOException, InterruptedException {
        return (StageResult.Prepared) run().result();
    }

    /** Files of the run's output, also those that are uploaded at the commit. */
    List<FileEntry> entries() throws IOException {
        StageOutput made = Objects.requireNonNull(output, "run first");
        List<FileEntry> entries = new ArrayList<>(made.stored());
        entries.addAll(store.upload(Stage.PREPARE, key(), made.files()));
        return entries;
    }

    ImageSet open(Split split) throws IOException {
        Manifest manifest = new Manifest(
                Manifest.VERSION,
                Stage.PREPARE,
                key(),
                config,
                Map.of(),
                entries(),
                List.of(),
                Objects.requireNonNull(output, "run first").result(),
                new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 0, 0));
        return ShardedImages.open(store.reader(manifest, folder.resolve("cache")), split);
    }

    private String key() {
        return ArtifactKey.of(config, Map.of());
    }

    @Override
    public StageTask task() {
        return new StageTask(
                "test",
                "prepare",
                key(),
                config,
                Map.of(),
                source.toString(),
                STORE,
                new StageTask.Execution(2, folder.toString(), 60, 10, null, false));
    }

    @Override
    public ArtifactReader input(String role) {
        throw new UnsupportedOperationException("prepare has no inputs");
    }

    @Override
    public Path scratch() {
        return folder.resolve("scratch");
    }

    @Override
    public Optional<Checkpoint> latestCheckpoint() {
        return Optional.empty();
    }

    @Override
    public Optional<Checkpoint> checkpointOfAnother(ToLongFunction<StageConfig> sharedSteps) {
        return Optional.empty();
    }

    @Override
    public boolean storesOnThisDisk() {
        return true;
    }

    @Override
    public StoredParts parts() {
        return store.parts(Stage.PREPARE, key());
    }

    @Override
    public void saveCheckpoint(long step, CheckpointContent content) {
        throw new UnsupportedOperationException("prepare has no checkpoints");
    }

    @Override
    public void keepCheckpoint(long step, CheckpointContent content) {
        throw new UnsupportedOperationException("prepare has no checkpoints");
    }

    @Override
    public boolean checkpointDue() {
        return false;
    }

    @Override
    public boolean stopRequested() {
        return false;
    }

    @Override
    public void progress(Progress now) {
        progress.add(now);
    }

    @Override
    public void history(HistoryPoint point) {
        throw new UnsupportedOperationException("prepare has no curves");
    }
}
