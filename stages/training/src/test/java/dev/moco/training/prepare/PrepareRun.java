package dev.moco.training.prepare;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.Progress;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.shards.FolderArtifact;
import dev.moco.training.data.shards.ShardedImages;
import dev.moco.training.data.shards.Split;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;

/** A run of the prepare stage that reads one folder and writes another. */
final class PrepareRun implements StageContext {
    static final StoreLocation STORE = new StoreLocation("bucket", "", null, null, true, true);

    final ConcurrentLinkedDeque<Progress> progress = new ConcurrentLinkedDeque<>();
    private final PrepareConfig config;
    private final Path source;
    private final Path scratch;

    PrepareRun(Dataset dataset, OnBadImage onBadImage, Path source, Path scratch) throws IOException {
        List<String> classes = dataset == Dataset.VOC ? List.of("bag", "boot") : List.of();
        config = new PrepareConfig(dataset, "fingerprint", onBadImage, classes, 4, 7);
        this.source = source;
        this.scratch = Files.createDirectories(scratch);
    }

    StageOutput run() throws IOException, InterruptedException {
        return new Prepare().run(config, this);
    }

    StageResult.Prepared prepared() throws IOException, InterruptedException {
        return (StageResult.Prepared) run().result();
    }

    ImageSet open(Split split) throws IOException {
        return ShardedImages.open(new FolderArtifact(scratch), split);
    }

    @Override
    public StageTask task() {
        return new StageTask(
                "test",
                "prepare",
                "key",
                config,
                Map.of(),
                source.toString(),
                STORE,
                new StageTask.Execution(2, scratch.toString(), 60, 10, null));
    }

    @Override
    public ArtifactReader input(String role) {
        throw new UnsupportedOperationException("prepare has no inputs");
    }

    @Override
    public Path scratch() {
        return scratch;
    }

    @Override
    public Optional<Checkpoint> latestCheckpoint() {
        return Optional.empty();
    }

    @Override
    public void saveCheckpoint(long step, Path folder) {
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
