package dev.moco.operator.decide;

import dev.moco.contract.Manifest;
import dev.moco.contract.Progress;
import dev.moco.contract.Task;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.Owner;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.observe.ExperimentJobs;
import dev.moco.operator.observe.JobObservation;
import dev.moco.operator.observe.KeyVersion;
import dev.moco.operator.observe.ManifestQuery;
import dev.moco.operator.observe.PreviousStatus;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.observe.StoreSnapshot.ManifestObservation;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.StatusInput;
import dev.moco.operator.report.StatusReport;
import dev.moco.operator.report.TaskRun;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
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
 * Plan of one reconcile, computed from a {@link ReconcileInput}. The reconciler creates Jobs, writes the status, and
 * only then deletes the Jobs of stages whose status is failed, suspended or canceled. If it crashes in between, the
 * reason of each deletion is in the status.
 *
 * @param decision state of every task; empty once the experiment has ended, and for a spec that cannot be run
 * @param status status to write if it differs; the previous one with new conditions while queries are unanswered
 * @param creates Jobs to create before the status is written
 * @param terminations deletions and evictions after the status is written
 * @param patches changes of Jobs after the status is written
 * @param queries unanswered queries of the store
 * @param unlisted tasks whose raw data is not listed yet
 * @param report true if the report is to be written: every task has ended, and the status reports that only after
 *     the report
 * @param requeueAfter time until the next time limit; empty if only events can change the plan
 */
public record ReconcilePlan(
        Optional<Decision> decision,
        MoCoExperimentStatus status,
        List<Action.Create> creates,
        List<Action> terminations,
        List<Action.Patch> patches,
        List<ManifestQuery> queries,
        List<String> unlisted,
        boolean report,
        Optional<Duration> requeueAfter) {
    public ReconcilePlan {
        creates = List.copyOf(creates);
        terminations = List.copyOf(terminations);
        patches = List.copyOf(patches);
        queries = List.copyOf(queries);
        unlisted = List.copyOf(unlisted);
    }

    /** Returns the plan for an input. */
    public static ReconcilePlan of(ReconcileInput input) {
        MoCoExperimentStatus previous = input.previous();
        if (previous != null && PreviousStatus.ended(input)) {
            // The Job of a committed stage ends by itself; its logs stay until the TTL.
            Actions actions = new Actions(input);
            return idle(
                    StatusReport.ended(previous, input.owner().generation()),
                    StatusReport.succeeded(previous) ? List.of() : actions.deleteAll("the experiment has ended"),
                    actions.expire());
        }
        String namespace = input.owner().namespace();
        Optional<String> refusal = StoreAccess.refusal(namespace, input.experiment(), input.policy(), input.config());
        if (refusal.isPresent()) {
            boolean stops = input.policy().suspend() || input.policy().cancel();
            List<Job> owned = stops ? input.jobs().owned(input.owner().uid()) : List.of();
            return refused(input.owner(), previous, refusal.get(), owned, input.now());
        }
        return StoreAccess.of(namespace, input.experiment(), input.policy(), input.config())
                .map(store -> new Decider(input, store).plan())
                .orElseThrow();
    }

    /**
     * Plan of a spec that cannot be read, or whose store is not allowed.
     *
     * @param stopped Jobs of the experiment if it is suspended or canceled; those that have not ended are deleted
     */
    public static ReconcilePlan refused(
            Owner owner, @Nullable MoCoExperimentStatus previous, String problem, List<Job> stopped, Instant now) {
        List<Action> deletions = stopped.stream()
                .filter(job -> !JobLabels.ended(job) && job.getMetadata().getDeletionTimestamp() == null)
                .map(job -> Actions.delete(job, "suspended or canceled"))
                .toList();
        return idle(StatusReport.invalid(previous, owner.generation(), problem, now), deletions, List.of());
    }

    private static ReconcilePlan idle(
            MoCoExperimentStatus status, List<Action> terminations, List<Action.Patch> patches) {
        return new ReconcilePlan(
                Optional.empty(),
                status,
                List.of(),
                terminations,
                patches,
                List.of(),
                List.of(),
                false,
                Optional.empty());
    }

    private static final class Decider {
        private final ReconcileInput input;
        private final StoreAccess store;
        private final ExperimentJobs jobs;
        private final Map<String, String> fingerprints;
        private final Map<String, Manifest> committed = new HashMap<>();
        private final Map<String, String> damaged = new HashMap<>();

        Decider(ReconcileInput input, StoreAccess store) {
            this.input = input;
            this.store = store;
            this.jobs = new ExperimentJobs(input);
            this.fingerprints = new LinkedHashMap<>(input.store().fingerprints());
            fingerprints.putAll(PreviousStatus.fingerprints(input));
            input.store().observations().forEach((key, observation) -> {
                observation.manifest().ifPresent(manifest -> committed.put(key, manifest));
                observation.damage().ifPresent(damage -> damaged.put(key, damage));
            });
        }

        ReconcilePlan plan() {
            Decision keyed = decide(Map.of());
            List<ManifestQuery> queries = queries(keyed);
            Set<String> unqueried = queries.stream().map(ManifestQuery::key).collect(Collectors.toSet());
            JobObservation observed = JobObservation.of(input, keyed, unqueried);
            Decision decided = decide(observed.attempts());
            Decision decision = stops() ? stopping(decided) : waiting(decided);
            List<String> unlisted = input.experiment().tasks().stream()
                    .filter(task -> task.stage().readsRawData())
                    .map(Task::name)
                    .filter(name -> !fingerprints.containsKey(name))
                    .toList();
            boolean settled = queries.isEmpty() && unlisted.isEmpty();
            boolean canceled = input.policy().cancel() && !mustRead(queries, decision);
            boolean report = settled
                    && !canceled
                    && decision.finished()
                    && input.store().reportUri().isEmpty();
            boolean reported = (settled && !report) || canceled;
            Actions actions = new Actions(input);
            List<Action.Create> creates = actions.creates(decision, store);
            MoCoExperimentStatus status = status(decision, observed.runs(), creates, reported);
            return new ReconcilePlan(
                    Optional.of(decision),
                    status,
                    creates,
                    terminations(actions, decision, reported),
                    patches(actions, decision, status),
                    canceled ? List.of() : queries,
                    canceled ? List.of() : unlisted,
                    report,
                    actions.next(decision).map(this::until));
        }

        /** True while commits that the last status reports have not been read, as after a restart, but can be. */
        private boolean mustRead(List<ManifestQuery> queries, Decision decision) {
            MoCoExperimentStatus previous = input.previous();
            return previous != null
                    && !queries.isEmpty()
                    && input.store().problem().isEmpty()
                    && previous.stages().stream()
                            .filter(stage -> TaskState.SUCCEEDED.is(stage.state()))
                            .anyMatch(stage -> decision.tasks().stream()
                                    .anyMatch(task -> task.task().name().equals(stage.name())
                                            && task.state() != TaskState.SUCCEEDED));
        }

        private Decision decide(Map<String, Attempts> attempts) {
            return Plan.decide(
                    input.experiment(),
                    new PlanInput(fingerprints, committed, damaged, attempts, jobs.keys()),
                    input.now());
        }

        /** Queries of keys that may have been committed since the last query. */
        private List<ManifestQuery> queries(Decision keyed) {
            List<ManifestQuery> queries = new ArrayList<>();
            for (PlannedTask task : keyed.tasks()) {
                task.key().filter(key -> task.state() != TaskState.SUCCEEDED).ifPresent(key -> {
                    String version = KeyVersion.of(key, jobs);
                    ManifestObservation last = input.store().observations().get(key);
                    if (last == null || !last.version().equals(version)) {
                        queries.add(new ManifestQuery(task.task().stage(), key, version));
                    }
                });
            }
            return queries;
        }

        /** Deletions and evictions. A Job that failed is deleted only once the status has reported it. */
        private List<Action> terminations(Actions actions, Decision decision, boolean reported) {
            List<Action> terminations = new ArrayList<>();
            if (stops()) {
                String reason = input.policy().cancel() ? "spec.cancel is set" : "spec.suspend is set";
                terminations.addAll(actions.deleteAll(reason));
                terminations.addAll(actions.evictLeftPods(decision, reason));
                return terminations;
            }
            terminations.addAll(actions.evictions(decision));
            terminations.addAll(actions.deleteUnwanted(decision));
            if (input.store().problem().isEmpty()) {
                terminations.addAll(new PolicyChanges(input).outdated(decision));
            }
            if (reported) {
                terminations.addAll(actions.deleteFailed(decision));
            }
            return terminations;
        }

        private boolean stops() {
            return input.policy().cancel() || input.policy().suspend();
        }

        /** A decision in which tasks stop whose Jobs still exist, also those whose keys are not known yet. */
        private Decision stopping(Decision decision) {
            Map<String, String> reasons = new HashMap<>();
            for (Job job : jobs.unended()) {
                JobLabels.keys(job)
                        .keySet()
                        .forEach(task ->
                                reasons.put(task, "its Job is being deleted; the pod saves a checkpoint first"));
            }
            return decision.with(TaskState.STOPPING, reasons);
        }

        /**
         * A decision in which nothing starts while a Job commits to the former store, after the operator's was changed:
         * what it has computed must not be lost by a change of an option.
         */
        private Decision waiting(Decision decision) {
            Decision waiting = decision;
            for (Job job : jobs.elsewhere()) {
                String place = "Job " + job.getMetadata().getName() + ", which commits to "
                        + JobLabels.annotation(job, JobLabels.STORE).orElseThrow();
                Map<String, String> ready = new HashMap<>();
                decision.ready().forEach(task -> ready.put(task.task().name(), "waits for " + place));
                Map<String, String> runs = new HashMap<>();
                JobLabels.keys(job)
                        .keySet()
                        .forEach(task -> runs.put(
                                task,
                                "runs as " + place + ", but the operator's store is now " + store.uri()
                                        + ": start the operator with the former one, or suspend this experiment and"
                                        + " resume it to begin in the new one"));
                waiting = waiting.with(TaskState.PENDING, ready).with(TaskState.RUNNING, runs);
            }
            return waiting;
        }

        /** Adoptions and changed policies; once the status has reported the end of the experiment, TTLs. */
        private List<Action.Patch> patches(Actions actions, Decision decision, MoCoExperimentStatus status) {
            if (PreviousStatus.ended(input.withPrevious(status))) {
                return actions.expire();
            }
            if (stops()) {
                return List.of();
            }
            List<Action.Patch> patches = new ArrayList<>(actions.adoptions(decision));
            patches.addAll(new PolicyChanges(input).patches(decision));
            return patches;
        }

        private MoCoExperimentStatus status(
                Decision decision, Map<String, TaskRun> observed, List<Action.Create> creates, boolean reported) {
            Map<String, TaskRun> runs = new HashMap<>(observed);
            Decision created = decision.with(TaskState.PENDING, creating(creates, runs));
            StatusInput statusInput = new StatusInput(
                    input.owner().generation(),
                    input.policy(),
                    input.previous(),
                    runs,
                    progress(decision),
                    fingerprints,
                    !input.store().observations().isEmpty()
                            || !input.store().fingerprints().isEmpty(),
                    input.store().problem(),
                    input.store().reportUri().filter(uri -> !uri.isEmpty()),
                    input.now());
            MoCoExperimentStatus previous = input.previous();
            return previous != null && !previous.stages().isEmpty() && !reported
                    ? StatusReport.unsettled(
                            previous, statusInput, !jobs.unended().isEmpty())
                    : StatusReport.of(created, ReportInput.withoutLogs(input.experiment(), decision), statusInput);
        }

        /** Reasons of the tasks whose Jobs are being created, by name; their runs get the Job. */
        private Map<String, String> creating(List<Action.Create> creates, Map<String, TaskRun> runs) {
            Map<String, String> reasons = new HashMap<>();
            for (Action.Create create : creates) {
                String job = create.job().getMetadata().getName();
                Optional<String> refusal = input.jobs().refusal(input.owner().namespace(), job);
                for (String task : JobLabels.keys(create.job()).keySet()) {
                    TaskRun before = runs.getOrDefault(task, TaskRun.NONE);
                    runs.put(task, before.withJob(refusal.isPresent() ? null : job));
                    reasons.put(
                            task,
                            refusal.map(message -> "its Job is refused: " + message)
                                    .orElse(Attempts.STARTING));
                }
            }
            return reasons;
        }

        private Map<String, Progress> progress(Decision decision) {
            Map<String, Progress> progress = new HashMap<>();
            for (PlannedTask task : decision.tasks()) {
                task.key()
                        .map(input.store().progress()::get)
                        .ifPresent(now -> progress.put(task.task().name(), now));
            }
            return progress;
        }

        private Duration until(Instant end) {
            // Requeue one second later, when the limit has certainly passed.
            return Duration.between(input.now(), end).plusSeconds(1);
        }
    }
}
