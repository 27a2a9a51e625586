package dev.moco.training.stage;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.FileTree;
import dev.moco.artifacts.StoredParts;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import dev.moco.contract.Provenance;
import dev.moco.contract.Stage;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A {@link StageContext} in a local folder, which holds the input files and the checkpoints. */
public class FolderContext implements StageContext {
    public final List<HistoryPoint> history = new ArrayList<>();
    public final List<String> phases = new ArrayList<>();
    /** Number of reports of each phase. */
    public final Map<String, Integer> reports = new HashMap<>();

    @Nullable
    public Progress last;

    /** Number of steps after which a stop is requested. */
    public long stopAfter = Long.MAX_VALUE;

    /** Monitor of pre-training. */
    @Nullable
    public KnnMonitor knn;

    /** File or folder outside the store. */
    @Nullable
    public String source;

    /** Committed inputs by role, whose files are in the folder. */
    public Map<String, ArtifactRef> inputs = Map.of();

    /** Epochs between two checkpoints that are kept. */
    public int keepEveryEpochs;

    /** Folders of the checkpoints that are kept, by step. */
    public final NavigableMap<Long, Path> kept = new TreeMap<>();

    private final Path folder;
    private final StageConfig config;
    private final int threads;
    private Optional<Checkpoint> checkpoint = Optional.empty();

    public FolderContext(Path folder, StageConfig config, int threads) {
        this.folder = folder;
        this.config = config;
        this.threads = threads;
    }

    @Override
    public StageTask task() {
        return new StageTask(
                "tiny",
                config.stage().id(),
                "key",
                config,
                inputs,
                source,
                new StoreLocation("bucket", "", null, null, true, true),
                new StageTask.Execution(threads, folder.toString(), 600, 10, knn, false, keepEveryEpochs));
    }

    @Override
    public ArtifactReader input(String role) {
        return new ArtifactReader() {
            @Override
            public Manifest manifest() {
                return new Manifest(
                        Manifest.VERSION,
                        Stage.PRETRAIN,
                        "0".repeat(64),
                        config,
                        Map.of(),
                        List.of(),
                        List.of(),
                        new StageResult.Prepared(0, 0, 0, 0, 0, List.of()),
                        new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 0, 0));
            }

            @Override
            public Path file(String path) {
                return folder.resolve(path);
            }

            @Override
            public Optional<Path> fileIfRoom(String path) {
                return Optional.of(file(path));
            }

            @Override
            public ByteBuffer range(String path, long offset, int length) {
                throw new UnsupportedOperationException();
            }
        };
    }

    @Override
    public Path scratch() {
        try {
            return Files.createTempDirectory(folder, "scratch");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<Checkpoint> latestCheckpoint() {
        return checkpoint;
    }

    @Override
    public Optional<Checkpoint> checkpointOfAnother(ToLongFunction<StageConfig> sharedSteps) {
        return Optional.empty();
    }

    @Override
    public boolean storesOnThisDisk() {
        return false;
    }

    @Override
    public StoredParts parts() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void saveCheckpoint(long step, CheckpointContent content) throws IOException {
        Path kept = Files.createDirectories(folder.resolve("checkpoint-" + step));
        content.write(kept);
        Files.writeString(kept.resolve("history.jsonl"), "the run's own file");
        checkpoint = Optional.of(new Checkpoint(step, kept));
    }

    @Override
    public void keepCheckpoint(long step, CheckpointContent content) throws IOException {
        Path made = folder.resolve("kept-" + step);
        FileTree.delete(Files.createDirectories(made)); // of an attempt that was stopped there
        Files.createDirectories(made);
        content.write(made);
        kept.put(step, made);
        checkpoint = Optional.of(new Checkpoint(step, made));
    }

    @Override
    public boolean checkpointDue() {
        return false;
    }

    @Override
    public boolean stopRequested() {
        return last != null && last.step() >= stopAfter;
    }

    @Override
    public void progress(Progress progress) {
        last = progress;
        reports.merge(progress.phase(), 1, Integer::sum);
        if (!phases.contains(progress.phase())) {
            phases.add(progress.phase());
        }
    }

    @Override
    public void history(HistoryPoint point) {
        history.add(point);
    }
}
