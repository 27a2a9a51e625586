package dev.moco.operator.client;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Progress;
import dev.moco.contract.Termination;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.RunRecords.Recorded;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.ReportInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Experiments that ran on machines with a work folder or a bucket, as these were when they ran. */
public final class LocalExperiments implements StoredExperiments {
    /** A running stage reports at least every ten seconds; a silent one is killed after two minutes. */
    private static final Duration SILENCE = Duration.ofMinutes(2);

    private final WorkFolder work;
    private final LocalStore store;

    private LocalExperiments(WorkFolder work, LocalStore store) {
        this.work = work;
        this.store = store;
    }

    /**
     * Opens a place.
     *
     * @param work work folder; with a bucket, that of this machine's logs
     * @param store {@code s3://bucket/prefix}; null for the work folder
     * @param endpoint URL of the bucket's server; null for that of the AWS settings
     */
    public static LocalExperiments open(WorkFolder work, @Nullable String store, @Nullable String endpoint)
            throws IOException {
        return new LocalExperiments(work, LocalStore.open(work, store, endpoint));
    }

    public WorkFolder work() {
        return work;
    }

    /** True for a bucket. */
    public boolean isBucket() {
        return store.remote() != null;
    }

    @Override
    public String place() {
        return isBucket() ? store.artifacts().objects().place() : work.root().toString();
    }

    @Override
    public ArtifactStore artifacts() {
        return store.artifacts();
    }

    @Override
    public String locate(String key) {
        return store.source(key);
    }

    /** False if no run works in the folder; of a bucket it is not known. */
    public boolean mayRun() throws IOException {
        return isBucket() || work.isRunning();
    }

    @Override
    public Map<String, String> unreadable() throws IOException {
        return records().all().unreadable();
    }

    @Override
    public List<StoredExperiment> all() throws IOException {
        List<StoredExperiment> experiments = new ArrayList<>();
        Instant now = Instant.now();
        for (Recorded recorded : records().all().recorded()) {
            experiments.add(observed(recorded, now));
        }
        return experiments;
    }

    private StoredExperiment observed(Recorded recorded, Instant now) throws IOException {
        Experiment experiment = recorded.reading().experiment();
        Decision decision = decide(recorded, Map.of(), now);
        Map<String, Progress> progress = new HashMap<>();
        Map<String, String> running = new HashMap<>();
        Map<String, Termination> failed = new HashMap<>();
        boolean mayRun = mayRun();
        for (PlannedTask task : decision.tasks()) {
            if (task.state() == TaskState.SUCCEEDED || task.key().isEmpty()) {
                continue;
            }
            String name = task.task().name();
            Optional<Progress> newest =
                    artifacts().progress(task.task().stage(), task.key().get());
            newest.ifPresent(report -> progress.put(name, report));
            if (mayRun
                    && newest.filter(report -> report.updated().plus(SILENCE).isAfter(now))
                            .isPresent()) {
                running.put(name, "runs");
            } else {
                failure(experiment.name(), name)
                        .ifPresent(end -> failed.put(task.key().get(), end));
            }
        }
        Decision known = (failed.isEmpty() ? decision : decide(recorded, failed, now)).with(TaskState.RUNNING, running);
        ReportInput input = ReportInput.withoutLogs(experiment, known);
        return new StoredExperiment(LocalResults.view(recorded.tree(), known, input, progress), experiment, known);
    }

    private Decision decide(Recorded recorded, Map<String, Termination> failed, Instant now) throws IOException {
        return new LocalObservations(
                        recorded.reading().experiment(), artifacts(), recorded.fingerprints(), new HashMap<>(failed))
                .decide(now);
    }

    /** Failure that a stage of this machine has left. */
    private Optional<Termination> failure(String experiment, String task) throws IOException {
        Path file = work.termination(experiment, task);
        if (!Files.isRegularFile(file) || Files.size(file) == 0) {
            return Optional.empty();
        }
        try {
            Termination end = CanonicalJson.read(Files.readAllBytes(file), Termination.class);
            boolean fault = end.exitCode() != ExitCode.DONE && end.exitCode() != ExitCode.INTERRUPTED;
            return fault ? Optional.of(end) : Optional.empty();
        } catch (UncheckedIOException e) {
            return Optional.empty(); // torn, or of another version
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
