package dev.moco.operator.decide;

import dev.moco.contract.Progress;
import dev.moco.contract.Stage;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.StageJobBuilder;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.observe.ExperimentJobs;
import dev.moco.operator.observe.JobView;
import dev.moco.operator.observe.PreviousStatus;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.observe.StagePods;
import dev.moco.operator.observe.StoreSnapshot.ProgressReads;
import dev.moco.operator.observe.TimeLimits;
import dev.moco.operator.observe.WaitingReason;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Writes to the cluster that follow from a decision. */
final class Actions {
    private final ReconcileInput input;
    private final ExperimentJobs jobs;
    private final TimeLimits limits;

    Actions(ReconcileInput input) {
        this.input = input;
        this.jobs = new ExperimentJobs(input);
        this.limits = new TimeLimits(input.policy().timeouts(), input.now());
    }

    /** A Job for each task that may start, and one for all trials of a stage. */
    List<Action.Create> creates(Decision decision, StoreAccess store) {
        if (input.policy().suspend()
                || input.policy().cancel()
                || input.store().problem().isPresent()
                || !jobs.elsewhere().isEmpty()) {
            return List.of();
        }
        StageJobBuilder builder =
                new StageJobBuilder(input.owner(), input.experiment(), input.policy(), input.config(), store);
        List<Action.Create> creates = new ArrayList<>();
        Map<Stage, List<PlannedTask>> trials = new EnumMap<>(Stage.class);
        for (PlannedTask task : decision.ready()) {
            if (task.task().stage().hasTrials()) {
                trials.computeIfAbsent(task.task().stage(), stage -> new ArrayList<>())
                        .add(task);
            } else {
                creates.add(create(builder, List.of(task), decision));
            }
        }
        trials.forEach((stage, ready) -> {
            if (settled(stage, decision)) {
                creates.add(create(builder, ready, decision));
            }
        });
        return creates;
    }

    private Action.Create create(StageJobBuilder builder, List<PlannedTask> tasks, Decision decision) {
        String namespace = input.owner().namespace();
        return new Action.Create(builder.of(
                tasks,
                decision,
                checkpoints(tasks),
                name -> !input.jobs().named(namespace, name).isEmpty()));
    }

    /** Steps of the newest checkpoints: as read from the store, else as last written to the status. */
    private Map<String, Long> checkpoints(List<PlannedTask> tasks) {
        Map<String, Long> steps = new HashMap<>();
        for (PlannedTask task : tasks) {
            Optional.ofNullable(input.store().progress().get(task.key().orElseThrow()))
                    .map(Progress::checkpointStep)
                    .or(() -> PreviousStatus.checkpoint(input, task))
                    .ifPresent(step -> steps.put(task.task().name(), step));
        }
        return steps;
    }

    /**
     * False while another experiment runs a trial of the stage: if its Job fails, the trial belongs in ours, which is
     * never updated.
     */
    private static boolean settled(Stage stage, Decision decision) {
        return decision.tasks().stream()
                .filter(task -> task.task().stage() == stage)
                .allMatch(
                        task -> task.state() == TaskState.READY || task.state().terminal());
    }

    /** Deletions of all Jobs of the experiment, when it has ended or is suspended. */
    List<Action> deleteAll(String reason) {
        return live().map(job -> delete(job, reason)).toList();
    }

    /** Evictions of the experiment's own pods that run although their Job was deleted. */
    List<Action> evictLeftPods(Decision decision, String reason) {
        return decision.tasks().stream()
                .flatMap(task -> task.key().stream())
                .flatMap(key -> jobs.leftPods(key).stream())
                .filter(pod -> jobs.isNamed(pod) && StagePods.isLive(pod))
                .distinct()
                .map(pod -> evict(pod, reason))
                .toList();
    }

    /** Adoptions of running Jobs that an earlier resource of this name left when it was deleted without them. */
    List<Action.Patch> adoptions(Decision decision) {
        return orphans(decision, true).map(this::adopt).toList();
    }

    /** Deletions of such Jobs that make nothing of this spec. */
    List<Action> deleteUnwanted(Decision decision) {
        return orphans(decision, false)
                .map(job -> delete(job, "left by an earlier resource of this name"))
                .toList();
    }

    /** Running Jobs without a controller; those of tasks whose keys are not known yet are left as they are. */
    private Stream<Job> orphans(Decision decision, boolean wanted) {
        return live().filter(job -> !JobLabels.isControlled(job)).filter(job -> {
            Map<String, String> keys = JobLabels.keys(job);
            List<PlannedTask> named = decision.tasks().stream()
                    .filter(task -> keys.containsKey(task.task().name()))
                    .toList();
            boolean makes = named.stream().flatMap(task -> task.key().stream()).anyMatch(key -> jobs.makes(job, key));
            return wanted
                    ? makes
                    : !makes && named.stream().allMatch(task -> task.key().isPresent());
        });
    }

    private Action.Patch adopt(Job job) {
        List<OwnerReference> owners = new ArrayList<>(job.getMetadata().getOwnerReferences());
        owners.add(StageJobBuilder.controller(input.owner()));
        return patch(
                job,
                Map.of("metadata", Map.of("uid", job.getMetadata().getUid(), "ownerReferences", owners)),
                "adopted from an earlier resource of this name");
    }

    /**
     * Patches that let the Jobs of an ended experiment be deleted by their TTL. Before its end no Job has one: it would
     * run again if it were gone before its end was recorded.
     */
    List<Action.Patch> expire() {
        int seconds = input.policy().retention().jobsTtlSeconds();
        return input.jobs().owned(input.owner().uid()).stream()
                .filter(job -> job.getMetadata().getDeletionTimestamp() == null
                        && !Integer.valueOf(seconds).equals(job.getSpec().getTtlSecondsAfterFinished()))
                .sorted(Comparator.comparing(job -> job.getMetadata().getName()))
                .map(job -> patch(
                        job,
                        Map.of(
                                "metadata", Map.of("uid", job.getMetadata().getUid()),
                                "spec", Map.of("ttlSecondsAfterFinished", seconds)),
                        "the experiment has ended"))
                .toList();
    }

    static Action.Patch patch(Job job, Map<String, Object> fields, String reason) {
        return new Action.Patch(
                job.getMetadata().getNamespace(), job.getMetadata().getName(), fields, reason);
    }

    /** Deletions of running Jobs whose task has failed by a time limit. */
    List<Action> deleteFailed(Decision decision) {
        List<Action> deletes = new ArrayList<>();
        live().forEach(job -> tasks(job, decision).stream()
                .filter(task -> task.state() == TaskState.FAILED && live(job, task))
                .findFirst()
                .ifPresent(task -> deletes.add(delete(job, task.task().name() + " failed: " + task.reason()))));
        return deletes;
    }

    private boolean live(Job job, PlannedTask task) {
        return JobView.of(job, task.key().orElseThrow(), input.jobs())
                .filter(JobView::live)
                .isPresent();
    }

    /** Evictions of running pods without progress. */
    List<Action> evictions(Decision decision) {
        List<Action> evictions = new ArrayList<>();
        live().forEach(job -> running(job, decision)
                .forEach(view -> view.pods()
                        .live()
                        .forEach(pod -> limits.stalled(pod, progress(view), reads(view))
                                .ifPresent(reason -> evictions.add(evict(pod, reason))))));
        return evictions;
    }

    /** Time at which the next limit is reached, or the warnings about a Job without a pod are read again. */
    Optional<Instant> next(Decision decision) {
        return live().flatMap(job -> Stream.concat(
                        limits.next(job, new StagePods(input.jobs().pods(job))).stream(),
                        running(job, decision)
                                .flatMap(view -> Stream.concat(
                                        WaitingReason.nextRead(job, view.pods(), input.now()).stream(),
                                        view.pods().live().stream()
                                                .flatMap(pod ->
                                                        limits.next(pod, progress(view), reads(view)).stream())))))
                .min(Comparator.naturalOrder());
    }

    private Stream<JobView> running(Job job, Decision decision) {
        return tasks(job, decision).stream()
                .filter(task -> task.state().active())
                .flatMap(task -> JobView.of(job, task.key().orElseThrow(), input.jobs()).stream());
    }

    private Optional<Progress> progress(JobView view) {
        return Optional.ofNullable(input.store().progress().get(view.key()));
    }

    private Optional<ProgressReads> reads(JobView view) {
        return Optional.ofNullable(input.store().reads().get(view.key()));
    }

    private Stream<Job> live() {
        return jobs.unended().stream().filter(job -> job.getMetadata().getDeletionTimestamp() == null);
    }

    static List<PlannedTask> tasks(Job job, Decision decision) {
        Collection<String> keys = JobLabels.keys(job).values();
        return decision.tasks().stream()
                .filter(task -> task.key().filter(keys::contains).isPresent())
                .toList();
    }

    static Action delete(Job job, String reason) {
        return new Action.Delete(
                job.getMetadata().getNamespace(),
                job.getMetadata().getName(),
                job.getMetadata().getUid(),
                reason);
    }

    private static Action evict(Pod pod, String reason) {
        return new Action.Evict(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                reason);
    }
}
