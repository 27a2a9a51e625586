package dev.moco.operator.decide;

import dev.moco.contract.Progress;
import dev.moco.contract.Stage;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.StageJobBuilder;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.observe.JobView;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.observe.StagePods;
import dev.moco.operator.observe.TimeLimits;
import dev.moco.operator.observe.WaitingReason;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Writes to the cluster that follow from a decision. */
final class Actions {
    private final ReconcileInput input;
    private final TimeLimits limits;

    Actions(ReconcileInput input) {
        this.input = input;
        this.limits = new TimeLimits(input.policy().timeouts(), input.now());
    }

    /** A Job for each task that may start, and one for all trials of a stage. */
    List<Action.Create> creates(Decision decision, StoreAccess store) {
        if (input.policy().suspend()
                || input.policy().cancel()
                || input.store().problem().isPresent()) {
            return List.of();
        }
        StageJobBuilder jobs =
                new StageJobBuilder(input.owner(), input.experiment(), input.policy(), input.config(), store);
        List<Action.Create> creates = new ArrayList<>();
        Map<Stage, List<PlannedTask>> trials = new EnumMap<>(Stage.class);
        for (PlannedTask task : decision.ready()) {
            if (task.task().stage().hasTrials()) {
                trials.computeIfAbsent(task.task().stage(), stage -> new ArrayList<>())
                        .add(task);
            } else {
                creates.add(new Action.Create(jobs.of(List.of(task), decision)));
            }
        }
        trials.forEach((stage, ready) -> {
            if (settled(stage, decision)) {
                creates.add(new Action.Create(jobs.of(ready, decision)));
            }
        });
        return creates;
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
                        .forEach(pod -> limits.stalled(pod, progress(view))
                                .ifPresent(reason -> evictions.add(evict(pod, reason))))));
        return evictions;
    }

    /** Time at which the next limit is reached, or the warnings about a Job without a pod are read again. */
    Optional<Instant> next(Decision decision) {
        return live().flatMap(job -> Stream.concat(
                        limits.next(job, new StagePods(input.jobs().pods(job))).stream(),
                        running(job, decision)
                                .flatMap(view -> Stream.concat(
                                        WaitingReason.nextLook(job, view.pods(), input.now()).stream(),
                                        view.pods().live().stream()
                                                .flatMap(pod -> limits.next(pod, progress(view)).stream())))))
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

    /** The experiment's own Jobs that neither ended nor are being deleted. */
    private Stream<Job> live() {
        return input.jobs().owned(input.owner().uid()).stream()
                .filter(job -> !JobLabels.ended(job) && job.getMetadata().getDeletionTimestamp() == null)
                .sorted(Comparator.comparing(job -> job.getMetadata().getName()));
    }

    private static List<PlannedTask> tasks(Job job, Decision decision) {
        Collection<String> keys = JobLabels.keys(job).values();
        return decision.tasks().stream()
                .filter(task -> task.key().filter(keys::contains).isPresent())
                .toList();
    }

    private static Action delete(Job job, String reason) {
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
