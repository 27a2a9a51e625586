package dev.moco.training.stage;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.CacheSpace;
import dev.moco.artifacts.Checkpoints;
import dev.moco.artifacts.FileTree;
import dev.moco.artifacts.StoredParts;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.ExitCode;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Progress;
import dev.moco.contract.Provenance;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.training.collectives.World;
import dev.moco.training.engine.TorchEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
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
    private final World world;
    private final ArtifactStore store;
    private final Checkpoints checkpoints;
    private final BooleanSupplier stopRequested;
    private final LongSupplier transferred;
    private final AtomicLong reports = new AtomicLong();
    private final Map<String, String> environment;
    private final Path scratch;
    private final CacheSpace space;
    private final History history;
    private final ProgressReporter progress;
    private final CheckpointUploads uploads;
    private final Instant attemptStarted = Instant.now();
    private Instant started = attemptStarted;
    /** GPU seconds of earlier attempts, up to the checkpoint. */
    private double earlierGpuSeconds;

    private Instant lastCheckpoint = Instant.now();
    private volatile Duration saving = Duration.ZERO;

    /**
     * Opens a run.
     *
     * @param stopRequested returns true after a request to stop
     * @param environment environment variables of the process, for provenance
     * @param transferred number that grows while files are read from the store or written to it
     */
    public StageRun(
            StageTask task,
            ArtifactStore store,
            BooleanSupplier stopRequested,
            Map<String, String> environment,
            LongSupplier transferred) {
        this(task, World.ALONE, store, stopRequested, environment, transferred);
    }

    /** Opens a run of one process of several, of which only one writes to the store. */
    public StageRun(
            StageTask task,
            World world,
            ArtifactStore store,
            BooleanSupplier stopRequested,
            Map<String, String> environment,
            LongSupplier transferred) {
        this.task = task;
        this.world = world;
        this.transferred = transferred;
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
        this.space = CacheSpace.of(cache(), StageLimits.cacheBytes(environment));
        this.history = new History(scratch.resolve(HISTORY));
        this.progress = new ProgressReporter(
                report -> store.report(task.config().stage(), task.key(), report),
                Duration.ofSeconds(task.execution().progressSeconds()),
                transferred);
        this.uploads = new CheckpointUploads(checkpoints::save, this::saved);
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
        StageLimits.requireMemory(task, world, store, environment);
        progress.repeatWhileFilesMove();
        progress.begin(store.progress(config.stage(), key));
        StageOutput output = run(program, config);
        Manifest manifest = commit(config, output);
        LOG.info("committed, digest={}", manifest.digest());
        checkpoints.clear();
        return manifest;
    }

    /** Runs a program; however it ends, waits for its last checkpoint. */
    private <C extends StageConfig> StageOutput run(StageProgram<C> program, C config)
            throws IOException, InterruptedException {
        StageOutput output;
        try {
            output = program.run(config, this);
        } catch (IOException | RuntimeException e) {
            awaitCheckpoint(e);
            throw e;
        }
        progress.phase("uploading");
        uploads.await(stopRequested);
        return output;
    }

    private void awaitCheckpoint(Exception end) throws InterruptedException {
        try {
            uploads.await(stopRequested);
        } catch (StageFailure e) {
            if (end instanceof StageFailure known && known.exitCode() == ExitCode.INTERRUPTED) {
                throw e; // the last step has no checkpoint
            }
            LOG.error("{}", e.getMessage());
        }
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
                files(config, output),
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

    private List<FileEntry> files(StageConfig config, StageOutput output) throws IOException {
        List<FileEntry> files = new ArrayList<>(output.stored());
        files.addAll(store.upload(config.stage(), task.key(), output.files()));
        return files;
    }

    /** Runs a program without writing anything to the store, which another process of the stage does. */
    public <C extends StageConfig> void runWithoutWriting(StageProgram<C> program, C config)
            throws IOException, InterruptedException {
        Optional<Manifest> committed = store.manifest(config.stage(), task.key());
        if (committed.isPresent() && store.damage(committed.get()).isEmpty()) {
            return;
        }
        StageLimits.requireMemory(task, world, store, environment);
        program.run(config, this);
    }

    /** A number that changes while the program goes on or files move. */
    public long activity() {
        return reports.get() + transferred.getAsLong();
    }

    private double gpuSeconds() {
        long millis = Duration.between(attemptStarted, Instant.now()).toMillis();
        return earlierGpuSeconds
                + (double) TorchEngine.accelerators()
                        * world.size()
                        * Math.max(0, millis)
                        / 1000.0; // the clock may be set back
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
        progress.phase("downloading");
        return store.reader(input, cache(), space);
    }

    @Override
    public Path scratch() {
        return scratch;
    }

    @Override
    public Optional<Checkpoint> latestCheckpoint() throws IOException {
        Path folder = Files.createDirectories(scratch.resolve("checkpoint"));
        progress.phase("downloading");
        OptionalLong step = checkpoints.restore(folder);
        progress.checkpoint(step.isEmpty() ? null : step.getAsLong());
        if (step.isEmpty()) {
            return Optional.empty();
        }
        LOG.info("resuming from the checkpoint of step={}", step.getAsLong());
        return Optional.of(restored(step.getAsLong(), folder));
    }

    @Override
    public Optional<Checkpoint> checkpointOfAnother(ToLongFunction<StageConfig> sharedSteps) throws IOException {
        Path folder = Files.createDirectories(scratch.resolve("checkpoint"));
        for (KeptCheckpoint kept : KeptCheckpoint.newestFirst(store, task, sharedSteps)) {
            OptionalLong step =
                    store.checkpoints(task.config().stage(), kept.key()).restoreKept(folder, kept.step());
            if (step.isPresent()) {
                LOG.info("going on from the checkpoint of step={} of key={}", step.getAsLong(), kept.key());
                return Optional.of(restored(step.getAsLong(), folder));
            }
        }
        return Optional.empty();
    }

    /** Takes over the history, times and costs of a checkpoint. */
    private Checkpoint restored(long step, Path folder) throws IOException {
        history.replaceBy(folder.resolve(HISTORY));
        Path first = folder.resolve(STARTED);
        if (Files.isRegularFile(first)) {
            started = instant(first);
        }
        Path spent = folder.resolve(GPU_SECONDS);
        if (Files.isRegularFile(spent)) {
            earlierGpuSeconds = CheckpointFolder.read(spent, Double.class);
        }
        return new Checkpoint(step, folder);
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
    public boolean storesOnThisDisk() {
        return "1".equals(environment.get(StageTask.STORE_ON_DISK_VARIABLE));
    }

    @Override
    public StoredParts parts() {
        return store.parts(task.config().stage(), task.key());
    }

    @Override
    public void saveCheckpoint(long step, CheckpointContent content) throws IOException {
        if (world.writes()) {
            save(step, content, false);
        }
    }

    @Override
    public void keepCheckpoint(long step, CheckpointContent content) throws IOException, InterruptedException {
        if (world.writes()) {
            uploads.awaitKept(stopRequested);
            save(step, content, true);
        }
    }

    private void save(long step, CheckpointContent content, boolean keep) throws IOException {
        lastCheckpoint = Instant.now();
        uploads.dropWaiting();
        Path folder = Files.createTempDirectory(scratch, "checkpoint-");
        content.write(folder);
        history.copyTo(folder.resolve(HISTORY));
        Files.writeString(folder.resolve(STARTED), started.toString());
        Files.writeString(folder.resolve(GPU_SECONDS), Double.toString(gpuSeconds()));
        uploads.add(step, folder, keep, Duration.between(lastCheckpoint, Instant.now()));
    }

    private void saved(long step, Duration taken) {
        saving = taken;
        progress.checkpoint(step);
        LOG.info("checkpoint saved, step={} millis={}", step, taken.toMillis());
    }

    @Override
    public boolean checkpointDue() {
        if (!world.writes()) {
            return false;
        }
        uploads.requireNoFailure();
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
        reports.incrementAndGet();
        if (world.writes()) {
            progress.report(report);
        }
    }

    @Override
    public void history(HistoryPoint point) {
        if (!world.writes()) {
            return;
        }
        try {
            history.add(point);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        uploads.close();
        progress.close();
        FileTree.delete(scratch);
    }
}
