package dev.moco.operator.decide;

import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import dev.moco.contract.Stage;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.Owner;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.observe.JobObservation;
import dev.moco.operator.observe.KeyVersion;
import dev.moco.operator.observe.ManifestQuery;
import dev.moco.operator.observe.PreviousStatus;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.observe.StoreSnapshot.ManifestObservation;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Observed;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.PlannedTask.State;
import dev.moco.operator.plan.Task;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.StatusInput;
import dev.moco.operator.report.StatusReport;
import dev.moco.operator.report.TaskRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a scene. The reconciler creates Jobs, writes the status, and only then stops what the status says has
 * failed, is suspended or given up: a crash in between loses no verdict.
 *
 * @param decision where every task stands; empty once the experiment has ended, and for a spec that cannot be run
 * @param status to write, if it differs; the previous one, but for some conditions, while looks are missing
 * @param creates before the status is written
 * @param stops deletions and evictions, after it
 * @param looks at the store that are missing
 * @param report whether the report is to be written: everything has ended, and a status tells so only after it
 * @param unlisted tasks whose raw data is not listed yet
 * @param again when time alone may change something; empty if only events can
 */
public record ReconcilePlan(
        Optional<Decision> decision,
        MoCoExperimentStatus status,
        List<Action.Create> creates,
        List<Action> stops,
        List<ManifestQuery> looks,
        List<String> unlisted,
        boolean report,
        Optional<Duration> again) {
    public ReconcilePlan {
        creates = List.copyOf(creates);
        stops = List.copyOf(stops);
        looks = List.copyOf(looks);
        unlisted = List.copyOf(unlisted);
    }

    /** Decides. */
    public static ReconcilePlan of(ReconcileInput scene) {
        MoCoExperimentStatus previous = scene.previous();
        if (previous != null && ended(scene)) {
            // Jobs of a success end by themselves, be it after their commit was seen; their logs stay for a while.
            return idle(
                    StatusReport.ended(previous, scene.owner().generation()),
                    StatusReport.succeeded(previous)
                            ? List.of()
                            : new Actions(scene).deleteAll("the experiment has ended"));
        }
        Optional<StoreAccess> store = StoreAccess.of(scene.experiment(), scene.policy(), scene.config());
        return store.map(access -> new Decider(scene, access).turn())
                .orElseGet(() -> idle(
                        StatusReport.invalid(
                                previous,
                                scene.owner().generation(),
                                "spec.storage must be given: this operator has no store of its own (--store)",
                                scene.now()),
                        List.of()));
    }

    /** Answers a spec that cannot be read. */
    public static ReconcilePlan refused(
            Owner owner, @Nullable MoCoExperimentStatus previous, String problem, Instant now) {
        return idle(StatusReport.invalid(previous, owner.generation(), problem, now), List.of());
    }

    /** Whether an experiment has ended for good: nothing is done for it, and nothing looked up. */
    public static boolean ended(ReconcileInput scene) {
        return PreviousStatus.ended(scene);
    }

    private static ReconcilePlan idle(MoCoExperimentStatus status, List<Action> stops) {
        return new ReconcilePlan(
                Optional.empty(), status, List.of(), stops, List.of(), List.of(), false, Optional.empty());
    }

    private static final class Decider {
        private final ReconcileInput scene;
        private final StoreAccess store;
        private final Map<String, String> fingerprints;
        private final Map<String, Manifest> committed = new HashMap<>();
        private final Map<String, String> damaged = new HashMap<>();

        Decider(ReconcileInput scene, StoreAccess store) {
            this.scene = scene;
            this.store = store;
            this.fingerprints = new LinkedHashMap<>(scene.store().fingerprints());
            fingerprints.putAll(PreviousStatus.fingerprints(scene));
            scene.store().seen().forEach((key, seen) -> {
                seen.manifest().ifPresent(manifest -> committed.put(key, manifest));
                seen.damage().ifPresent(damage -> damaged.put(key, damage));
            });
        }

        ReconcilePlan turn() {
            Decision keyed = decide(Map.of());
            List<ManifestQuery> looks = looks(keyed);
            Set<String> unseen = looks.stream().map(ManifestQuery::key).collect(Collectors.toSet());
            JobObservation observed = JobObservation.of(scene, keyed, unseen);
            Decision decision = decide(observed.attempts());
            List<String> unlisted = Plan.tasks(scene.experiment()).stream()
                    .filter(task -> task.stage() == Stage.PREPARE)
                    .map(Task::name)
                    .filter(name -> !fingerprints.containsKey(name))
                    .toList();
            boolean settled = looks.isEmpty() && unlisted.isEmpty();
            boolean canceled = scene.policy().cancel();
            boolean report = settled
                    && !canceled
                    && decision.finished()
                    && scene.store().reportUri().isEmpty();
            boolean told = (settled && !report) || canceled;
            Actions actions = new Actions(scene);
            List<Action.Create> creates = actions.creates(decision, store);
            return new ReconcilePlan(
                    Optional.of(decision),
                    status(decision, observed.runs(), creates, told),
                    creates,
                    stops(actions, decision, told),
                    canceled ? List.of() : looks,
                    canceled ? List.of() : unlisted,
                    report,
                    actions.next(decision).map(this::until));
        }

        private Decision decide(Map<String, Attempts> attempts) {
            return Plan.decide(
                    scene.experiment(), new Observed(fingerprints, committed, damaged, attempts), scene.now());
        }

        /** Keys that may have a commit that nobody saw yet. */
        private List<ManifestQuery> looks(Decision keyed) {
            List<ManifestQuery> looks = new ArrayList<>();
            for (PlannedTask task : keyed.tasks()) {
                task.key().filter(key -> task.state() != State.DONE).ifPresent(key -> {
                    String mark = KeyVersion.of(key, scene.cluster());
                    ManifestObservation seen = scene.store().seen().get(key);
                    if (seen == null || !seen.mark().equals(mark)) {
                        looks.add(new ManifestQuery(task.task().stage(), key, mark));
                    }
                });
            }
            return looks;
        }

        private List<Action> stops(Actions actions, Decision decision, boolean told) {
            if (scene.policy().cancel()) {
                return actions.deleteAll("spec.cancel is set");
            } else if (scene.policy().suspend()) {
                return actions.deleteAll("spec.suspend is set");
            }
            List<Action> stops = new ArrayList<>(actions.evictions(decision));
            if (told) {
                stops.addAll(actions.deleteFailed(decision));
            }
            return stops;
        }

        private MoCoExperimentStatus status(
                Decision decision, Map<String, TaskRun> runs, List<Action.Create> creates, boolean told) {
            Map<String, TaskRun> shown = new HashMap<>(runs);
            for (Action.Create create : creates) {
                String job = create.job().getMetadata().getName();
                Optional<String> refusal = scene.cluster().refusal(scene.owner().namespace(), job);
                JobLabels.keys(create.job())
                        .keySet()
                        .forEach(task -> shown.compute(task, (name, known) -> {
                            TaskRun before = known == null ? TaskRun.NEW : known;
                            return refusal.map(before::refused).orElseGet(() -> before.starting(job));
                        }));
            }
            StatusInput seen = new StatusInput(
                    scene.owner().generation(),
                    scene.policy(),
                    scene.previous(),
                    shown,
                    progress(decision),
                    fingerprints,
                    !scene.store().seen().isEmpty()
                            || !scene.store().fingerprints().isEmpty(),
                    scene.store().problem(),
                    scene.store().reportUri().filter(uri -> !uri.isEmpty()),
                    scene.now());
            MoCoExperimentStatus previous = scene.previous();
            return previous != null && !previous.stages().isEmpty() && !told
                    ? StatusReport.unsettled(previous, seen)
                    : StatusReport.of(decision, ReportInput.ofFigures(scene.experiment(), decision), seen);
        }

        private Map<String, Progress> progress(Decision decision) {
            Map<String, Progress> progress = new HashMap<>();
            for (PlannedTask task : decision.tasks()) {
                task.key()
                        .map(scene.store().progress()::get)
                        .ifPresent(now -> progress.put(task.task().name(), now));
            }
            return progress;
        }

        private Duration until(Instant end) {
            // A limit is passed only after its last instant.
            return Duration.between(scene.now(), end).plusSeconds(1);
        }
    }
}
