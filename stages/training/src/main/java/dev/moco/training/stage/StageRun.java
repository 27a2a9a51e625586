package dev.moco.training.stage;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.Checkpoints;
import dev.moco.artifacts.FileTree;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.MemoryNeed;
import dev.moco.contract.Progress;
import dev.moco.contract.Provenance;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.training.engine.TorchEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a stage program with an artifact store, from the newest checkpoint to the commit. */
public final class StageRun implements StageContext, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StageRun.class);
    private static final String HISTORY = "history.jsonl";
    private static final String STARTED = "started";
    private static final String GPU_SECONDS = "gpu-seconds";
    /** Least ratio of the time between checkpoints to the time of saving one, which matters with a slow store. */
    private static final int INTERVAL_TO_SAVING = 20;

    private final StageTask task;
    private final ArtifactStore store;
    private final Checkpoints checkpoints;
    private final BooleanSupplier stopRequested;
    private final Map<String, String> environment;
    private final Path scratch;
    private final History history;
    private final ProgressReporter progress;
    private final Instant attemptStarted = Instant.now();
    private Instant started = attemptStarted;
    /** GPU seconds of earlier attempts, up to the checkpoint. */
    private double earlierGpuSeconds;

    private Instant lastCheckpoint = Instant.now();
    private Duration saving = Duration.ZERO;

    /**
     * Opens a run.
     *
     * @param stopRequested returns true after a request to stop
     * @param environment environment variables of the process, for provenance
     */
    public StageRun(
            StageTask task, ArtifactStore store, BooleanSupplier stopRequested, Map<String, String> environment) {
        this.task = task;
        this.store = store;
        this.checkpoints = store.checkpoints(task.config().stage(), task.key());
        this.stopRequested = stopRequested;
        this.environment = environment;
        try {
            Path cache = Files.createDirectories(cache());
            this.scratch = Files.createTempDirectory(cache, task.name() + "-");
        } catch (IOException e) {
            throw StageFailure.fault(
                    "cannot write the cache folder " + task.execution().cacheFolder() + ": " + e.getMessage(), e);
        }
        this.history = new History(scratch.resolve(HISTORY));
        this.progress = new ProgressReporter(
                report -> store.report(task.config().stage(), task.key(), report),
                Duration.ofSeconds(task.execution().progressSeconds()));
    }

    /** Runs a program and commits its output; returns the existing manifest if the stage is committed already. */
    public <C extends StageConfig> Manifest execute(StageProgram<C> program, C config)
            throws IOException, InterruptedException {
        String key = ArtifactKey.of(config, task.inputs());
        if (!key.equals(task.key())) {
            throw StageFailure.badConfig("task " + task.name() + " has key " + task.key()
                    + ", its configuration and inputs have " + key + ": operator and stages are of different versions");
        }
        Optional<Manifest> committed = store.manifest(config.stage(), key);
        if (committed.isPresent() && store.damage(committed.get()).isEmpty()) {
            LOG.info("already committed, digest={}", committed.get().digest());
            return committed.get();
        }
        store.objects().check();
        MemoryNeed.check(task.name(), config, task.execution().threads(), Machine.memoryMib());
        StageOutput output = program.run(config, this);
        Manifest manifest = commit(config, output);
        LOG.info("committed, digest={}", manifest.digest());
        checkpoints.clear();
        return manifest;
    }

    private Manifest commit(StageConfig config, StageOutput output) throws IOException {
        Map<String, Path> logs = new HashMap<>(output.logs());
        if (Files.isRegularFile(history.file())) {
            logs.put(HistoryPoint.FILE, history.file());
        }
        return store.commit(new Manifest(
                Manifest.VERSION,
                config.stage(),
                task.key(),
                config,
                task.inputs(),
                store.upload(config.stage(), task.key(), output.files()),
                store.upload(config.stage(), task.key(), logs),
                output.result(),
                new Provenance(
                        started,
                        Instant.now(),
                        Machine.versions(environment),
                        Machine.hardware(),
                        Machine.peakRssMib(),
                        gpuSeconds())));
    }

    private double gpuSeconds() {
        long millis = Duration.between(attemptStarted, Instant.now()).toMillis();
        return earlierGpuSeconds
                + TorchEngine.accelerators() * Math.max(0, millis) / 1000.0; // the clock may be set back
    }

    private Path cache() {
        return Path.of(task.execution().cacheFolder());
    }

    @Override
    public StageTask task() {
        return task;
    }

    @Override
    public ArtifactReader input(String role) throws IOException {
        ArtifactRef input = task.inputs().get(role);
        if (input == null) {
            throw StageFailure.badConfig("task " + task.name() + " has no input \"" + role + "\"; it has "
                    + task.inputs().keySet());
        }
        return store.reader(input, cache());
    }

    @Override
    public Path scratch() {
        return scratch;
    }

    @Override
    public Optional<Checkpoint> latestCheckpoint() throws IOException {
        Path folder = Files.createDirectories(scratch.resolve("checkpoint"));
        OptionalLong step = checkpoints.restore(folder);
        if (step.isEmpty()) {
            return Optional.empty();
        }
        history.replaceBy(folder.resolve(HISTORY));
        Path first = folder.resolve(STARTED);
        if (Files.isRegularFile(first)) {
            started = instant(first);
        }
        Path spent = folder.resolve(GPU_SECONDS);
        if (Files.isRegularFile(spent)) {
            earlierGpuSeconds = CheckpointFolder.read(spent, Double.class);
        }
        LOG.info("resuming from the checkpoint of step={}", step.getAsLong());
        return Optional.of(new Checkpoint(step.getAsLong(), folder));
    }

    private static Instant instant(Path file) throws IOException {
        String text = new String(CheckpointFolder.small(file), StandardCharsets.UTF_8);
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw StageFailure.badData(file + " must be a time in ISO-8601, found " + text.length() + " characters", e);
        }
    }

    @Override
    public void saveCheckpoint(long step, Path folder) throws IOException {
        Instant begin = Instant.now();
        history.copyTo(folder.resolve(HISTORY));
        Files.writeString(folder.resolve(STARTED), started.toString());
        Files.writeString(folder.resolve(GPU_SECONDS), Double.toString(gpuSeconds()));
        checkpoints.save(step, folder);
        lastCheckpoint = Instant.now();
        saving = Duration.between(begin, lastCheckpoint);
        LOG.info("checkpoint saved, step={} millis={}", step, saving.toMillis());
    }

    @Override
    public boolean checkpointDue() {
        Duration configured = Duration.ofSeconds(task.execution().checkpointSeconds());
        return !Instant.now().isBefore(lastCheckpoint.plus(interval(configured, saving)));
    }

    /** Time between checkpoints: the configured time, or longer if saving takes long. */
    static Duration interval(Duration configured, Duration saving) {
        Duration least = saving.multipliedBy(INTERVAL_TO_SAVING);
        return configured.compareTo(least) > 0 ? configured : least;
    }

    @Override
    public boolean stopRequested() {
        return stopRequested.getAsBoolean();
    }

    @Override
    public void progress(Progress report) {
        progress.report(report);
    }

    @Override
    public void history(HistoryPoint point) {
        try {
            history.add(point);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        progress.close();
        FileTree.delete(scratch);
    }
}
