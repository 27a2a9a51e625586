package dev.moco.operator.local;

import dev.moco.artifacts.ArtifactStatus;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.Termination;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Observations of a local run: fingerprints of raw data, committed and damaged artifacts, attempts. */
public final class LocalObservations {
    private static final Logger LOG = LoggerFactory.getLogger(LocalObservations.class);

    private final Experiment experiment;
    private final ArtifactStore store;
    private final Map<String, String> fingerprints;
    private final Map<String, Termination> refused;
    private final Map<String, Manifest> committed = new HashMap<>();
    private final Map<String, String> damaged = new HashMap<>();
    private final Map<String, Attempts> attempts = new HashMap<>();
    private final Set<String> queried = new HashSet<>();

    /** Lists the raw data, which takes a while if it has many files. */
    public LocalObservations(Experiment experiment, ArtifactStore store, @Nullable StoreLocation sources)
            throws IOException {
        this(experiment, store, new RawDataListing().of(experiment, sources));
    }

    /** Adds known fingerprints of raw data, by the task that prepares it. */
    public LocalObservations(Experiment experiment, ArtifactStore store, Map<String, String> fingerprints) {
        this(experiment, store, fingerprints, new HashMap<>());
    }

    /**
     * Observations of one of several experiments.
     *
     * @param fingerprints those of raw data, by the task that prepares it
     * @param refused results that bad data or bad configuration forbids, by key: another experiment does not try them
     *     again. What this one finds is added.
     */
    public LocalObservations(
            Experiment experiment,
            ArtifactStore store,
            Map<String, String> fingerprints,
            Map<String, Termination> refused) {
        this.experiment = experiment;
        this.store = store;
        this.fingerprints = Map.copyOf(fingerprints);
        this.refused = refused;
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
                    changed |= query(task, task.key().get(), now);
                }
            }
            if (!changed) {
                return decision;
            }
        }
    }

    private boolean query(PlannedTask task, String key, Instant now) throws IOException {
        ArtifactStatus found = store.status(task.task().stage(), key);
        if (found instanceof ArtifactStatus.Intact intact) {
            committed.put(key, intact.manifest());
            return true;
        }
        if (found instanceof ArtifactStatus.Damaged damage) {
            damaged.put(key, damage.reason());
        }
        Termination before = refused.get(key);
        if (before != null) {
            attempts.put(task.task().name(), Attempts.failed(before, now));
        }
        return before != null || found instanceof ArtifactStatus.Damaged;
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
        task.key().ifPresent(key -> {
            queried.remove(key);
            if (how.exitCode() == ExitCode.BAD_DATA || how.exitCode() == ExitCode.BAD_CONFIG) {
                refused.put(key, how);
            }
        });
    }

    /** Queries a key again, which another experiment has run. */
    void queryAgain(String key) {
        queried.remove(key);
    }

    /** Step of the newest checkpoint of a task when it was last stopped here; 0 for none. */
    public long checkpointStep(String task) {
        return attempts.getOrDefault(task, Attempts.NONE).checkpoint();
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
