package dev.moco.training;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.training.stage.StageContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A stage's surroundings in a folder; may ask the program to stop after some steps. */
public final class FolderContext implements StageContext, ArtifactReader {
    public final List<HistoryPoint> history = new ArrayList<>();

    @Nullable
    public Progress last;

    private final Path folder;
    private final StageTask task;
    private final int stopAfter;
    private int asked;
    private @Nullable Checkpoint newest;

    public FolderContext(Path folder, StageConfig config, int threads, int stopAfter, @Nullable FolderContext before) {
        this.folder = folder;
        this.stopAfter = stopAfter;
        this.newest = before == null ? null : before.newest;
        if (before != null) {
            history.addAll(before.history);
        }
        StoreLocation store = new StoreLocation("bucket", "", null, null, true, true);
        this.task = new StageTask(
                "test",
                config.stage().id(),
                "key",
                config,
                Map.of(),
                null,
                store,
                new StageTask.Execution(threads, folder.toString(), 60, 10));
    }

    @Override
    public StageTask task() {
        return task;
    }

    @Override
    public ArtifactReader input(String role) {
        return this;
    }

    @Override
    public Path scratch() {
        return folder;
    }

    @Override
    public Optional<Checkpoint> latestCheckpoint() {
        return Optional.ofNullable(newest);
    }

    @Override
    public void saveCheckpoint(long step, Path checkpoint) throws IOException {
        Path kept = Files.createDirectories(folder.resolve("saved-" + step));
        try (Stream<Path> files = Files.list(checkpoint)) {
            for (Path file : files.toList()) {
                Files.copy(file, kept.resolve(file.getFileName()));
            }
        }
        newest = new Checkpoint(step, kept);
    }

    @Override
    public boolean checkpointDue() {
        return false;
    }

    @Override
    public boolean stopRequested() {
        return ++asked == stopAfter;
    }

    @Override
    public void progress(Progress progress) {
        last = progress;
    }

    @Override
    public void history(HistoryPoint point) {
        history.add(point);
    }

    @Override
    public Manifest manifest() {
        throw new UnsupportedOperationException("tiny images have no manifest");
    }

    @Override
    public Path file(String path) {
        throw new UnsupportedOperationException("tiny images have no files");
    }

    @Override
    public ByteBuffer range(String path, long offset, int length) {
        throw new UnsupportedOperationException("tiny images have no files");
    }
}
