package dev.moco.operator.local;

import dev.moco.artifacts.ArtifactStatus;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.SourceTree;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.Task;
import dev.moco.contract.Termination;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Observations of a local run: fingerprints of raw data, committed and damaged artifacts, attempts. */
public final class LocalObservations {
    private static final Logger LOG = LoggerFactory.getLogger(LocalObservations.class);

    private final Experiment experiment;
    private final ArtifactStore store;
    private final Map<String, String> fingerprints = new HashMap<>();
    private final Map<String, Manifest> committed = new HashMap<>();
    private final Map<String, String> damaged = new HashMap<>();
    private final Map<String, Attempts> attempts = new HashMap<>();
    private final Set<String> queried = new HashSet<>();

    /** Lists the raw data, which takes a while if it has many files. */
    public LocalObservations(Experiment experiment, ArtifactStore store, @Nullable StoreLocation sources)
            throws IOException {
        this(experiment, store, sources, (task, progress) -> {});
    }

    /**
     * Lists the raw data.
     *
     * @param listing receives the progress of the listing, by the task that reads the data
     */
    public LocalObservations(
            Experiment experiment,
            ArtifactStore store,
            @Nullable StoreLocation sources,
            BiConsumer<String, Progress> listing)
            throws IOException {
        this.experiment = experiment;
        this.store = store;
        for (Task task : experiment.tasks()) {
            if (task.source().isPresent()) {
                String source = task.source().get();
                LongConsumer listed = files -> listing.accept(task.name(), listing(files));
                fingerprints.put(task.name(), fingerprint(source, sources, listed));
            }
        }
    }

    private static Progress listing(long files) {
        return new Progress("listing", 0, 1, files, 0, null, null, null, null, null, null, null, 0, Instant.now());
    }

    /** Adds known fingerprints of raw data, by the task that prepares it. */
    public LocalObservations(Experiment experiment, ArtifactStore store, Map<String, String> fingerprints) {
        this.experiment = experiment;
        this.store = store;
        this.fingerprints.putAll(fingerprints);
    }

    private static String fingerprint(String source, @Nullable StoreLocation location, LongConsumer listed)
            throws IOException {
        try (SourceTree tree = SourceTree.open(source, location)) {
            return tree.fingerprint(ChronoUnit.FOREVER.getDuration(), listed);
        }
    }

    /** Decides from all observations, and queries each key once it is known. */
    public Decision decide(Instant now) throws IOException {
        while (true) {
            Decision decision = Plan.decide(experiment, new PlanInput(fingerprints, committed, damaged, attempts), now);
            boolean changed = false;
            for (PlannedTask task : decision.tasks()) {
                if (task.state() != TaskState.SUCCEEDED
                        && task.key().isPresent()
                        && queried.add(task.key().get())) {
                    changed |= query(task.task().stage(), task.key().get());
                }
            }
            if (!changed) {
                return decision;
            }
        }
    }

    private boolean query(Stage stage, String key) throws IOException {
        ArtifactStatus found = store.status(stage, key);
        if (found instanceof ArtifactStatus.Intact intact) {
            committed.put(key, intact.manifest());
        } else if (found instanceof ArtifactStatus.Damaged damage) {
            damaged.put(key, damage.reason());
        }
        return !(found instanceof ArtifactStatus.Absent);
    }

    public void started(String task) {
        attempts.put(task, attempts.getOrDefault(task, Attempts.NONE).started());
    }

    /** Records the end of an attempt with its newest checkpoint, and queries its commit. */
    public void ended(PlannedTask task, Termination how, Instant now) {
        // A task that ends without a commit counts as a fault; with a commit, faults no longer matter.
        boolean fault = how.exitCode() != ExitCode.INTERRUPTED;
        Attempts before = attempts.getOrDefault(task.task().name(), Attempts.NONE);
        attempts.put(task.task().name(), before.ended(how, fault, checkpoint(task), now));
        task.key().ifPresent(queried::remove);
    }

    /** Step of the newest checkpoint that a task has reported; 0 for none, and if the store does not answer. */
    private long checkpoint(PlannedTask task) {
        try {
            return store.progress(task.task().stage(), task.key().orElseThrow())
                    .map(Progress::checkpointStep)
                    .orElse(0L);
        } catch (IOException | StageFailure e) {
            LOG.debug("no progress of {}", task.task().name(), e);
            return 0;
        }
    }
}
