package dev.moco.operator.observe;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Progress;
import dev.moco.contract.Termination;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.JobNames;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.TaskRun;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Collects the observation of one reconcile, task by task. */
final class JobObserver {
    private final ReconcileInput input;
    private final Set<String> unqueried;
    private final JobNames names;
    private final ExperimentJobs jobs;
    private final TimeLimits limits;
    private final Map<String, Attempts> attempts = new LinkedHashMap<>();
    private final Map<String, TaskRun> runs = new LinkedHashMap<>();

    JobObserver(ReconcileInput input, Set<String> unqueried) {
        this.input = input;
        this.unqueried = unqueried;
        this.names = new JobNames(input.owner(), input.experiment(), input.policy(), input.config());
        this.jobs = new ExperimentJobs(input);
        this.limits = new TimeLimits(input.policy().timeouts(), input.now());
    }

    JobObservation observation() {
        return new JobObservation(attempts, runs);
    }

    void observe(PlannedTask task) {
        String key = task.key().orElseThrow();
        Optional<StageStatus> before = PreviousStatus.stage(input, task);
        List<JobView> making = jobs.making(key);
        Optional<JobView> attempt = attempt(making);
        boolean resumes = attempt.filter(this::resumes).isPresent();
        Optional<JobView> view = attempt.filter(found -> !resumes).or(() -> running(making));
        if (task.state() == TaskState.SUCCEEDED) {
            succeeded(task, view.or(() -> attempt), before);
        } else if (before.filter(stage -> PreviousStatus.failed(input, stage)).isPresent()) {
            failed(task, fault(before.get().reason()), ended(view, before));
        } else if (view.isPresent()) {
            fromJob(task, view.get(), before);
        } else if (!jobs.leftPods(key).isEmpty()) {
            fromPod(task, jobs.leftPods(key).get(0), before);
        } else if (unqueried.contains(key)) {
            active(task, TaskState.PENDING, "waits for a query of its result", active(view, before));
        } else if (before.isPresent()) {
            // The plan counts no attempt, but the start time and counts of earlier ones stay in the status.
            runs.put(task.task().name(), PreviousStatus.active(input, before).withJob(null));
        }
    }

    /** The experiment's newest Job for the current retry token. Another owner's ended Job is no attempt of this one. */
    private Optional<JobView> attempt(List<JobView> making) {
        return attempts(making)
                .max(Comparator.comparing(JobView::live)
                        .thenComparing(view -> StagePods.created(view.job()))
                        .thenComparing(view -> view.name().length())
                        .thenComparing(JobView::name));
    }

    private Stream<JobView> attempts(List<JobView> making) {
        return making.stream().filter(view -> jobs.isOwn(view.job()) && names.hasCurrentToken(view.name()));
    }

    /** A Job that runs: of another experiment, or of this one before a retry. */
    private Optional<JobView> running(List<JobView> making) {
        return making.stream()
                .filter(JobView::live)
                .min(Comparator.comparing((JobView view) -> !jobs.isOwn(view.job()))
                        .thenComparing(JobView::namespace)
                        .thenComparing(JobView::name));
    }

    /**
     * True if a Job used up its retries, but saved a checkpoint that is newer than the one it began from: another Job
     * continues from there. So faults are counted since the last checkpoint, not over the days that a stage may take.
     */
    private boolean resumes(JobView view) {
        return input.policy().retries() > 0
                && view.outOfRetries()
                && !view.deleting()
                && !unqueried.contains(view.key())
                && progressWasRead(view.key())
                && Optional.ofNullable(input.store().progress().get(view.key()))
                        .map(Progress::checkpointStep)
                        .filter(step -> step > view.checkpoint())
                        .isPresent();
    }

    /** True if the progress is as new as the last query of the manifest: both are read together. */
    private boolean progressWasRead(String key) {
        return input.store().reads().containsKey(key);
    }

    private void succeeded(PlannedTask task, Optional<JobView> view, Optional<StageStatus> before) {
        // An artifact of another experiment's Job counts as an attempt of this one only if this one waited for it.
        TaskRun run = ended(view.filter(found -> jobs.isOwn(found.job())), before);
        if (run.job() != null) {
            put(task, Attempts.NONE.ended(done(), false, input.now()), run);
        }
    }

    private void fromJob(PlannedTask task, JobView view, Optional<StageStatus> before) {
        boolean stops = input.policy().suspend() || input.policy().cancel();
        if (view.deleting() || (view.live() && jobs.isOwn(view.job()) && stops)) {
            // A Job that is to stop is deleted in this reconcile, so time limits no longer apply.
            String note = "its Job is being deleted; the pod saves a checkpoint first";
            active(task, TaskState.STOPPING, note, active(Optional.of(view), before));
        } else if (view.live()) {
            fromLiveJob(task, view, before);
        } else if (unqueried.contains(task.key().orElseThrow())) {
            String note = "has ended; waits for a query of its commit";
            active(task, TaskState.RUNNING, note, active(Optional.of(view), before));
        } else if (view.outOfRetries() && input.policy().retries() > 0 && !progressWasRead(view.key())) {
            String note = "has failed; waits for a read of its last checkpoint";
            active(task, TaskState.RUNNING, note, active(Optional.of(view), before));
        } else {
            Termination how = view.completed() ? done() : view.failure();
            TaskRun run = ended(Optional.of(view), before);
            put(task, Attempts.failed(how, view.ended().orElse(input.now())), run);
        }
    }

    private void fromLiveJob(PlannedTask task, JobView view, Optional<StageStatus> before) {
        Optional<String> expired = jobs.isOwn(view.job())
                ? limits.verdict(view.job(), new StagePods(input.jobs().pods(view.job())), input.jobs())
                : Optional.empty();
        if (expired.isPresent()) {
            failed(task, fault(expired.get()), ended(Optional.of(view), before));
            return;
        }
        // The last pod of a Job does not count as lost: the Job's condition will report its end.
        boolean running = view.running()
                || view.pods().newest().filter(PodTermination::isLast).isPresent();
        put(
                task,
                running && jobs.isOwn(view.job())
                        ? Attempts.running()
                        : Attempts.active(running ? TaskState.RUNNING : TaskState.PENDING, note(view, running)),
                active(Optional.of(view), before));
    }

    private String note(JobView view, boolean running) {
        if (!jobs.isInNamespace(view.job())) {
            return "runs as Job " + place(view);
        }
        String waiting = WaitingReason.of(view.job(), view.notRunning(), input.jobs(), input.now());
        if (jobs.isOwn(view.job())) {
            return waiting;
        }
        String other = "runs as Job " + place(view) + " of experiment "
                + JobLabels.label(view.job(), JobLabels.EXPERIMENT).orElse("?");
        return running || waiting.equals(Attempts.STARTING) ? other : other + ", which " + waiting;
    }

    /** State while a pod still runs although its Job was deleted: a second one would write the same checkpoints. */
    private void fromPod(PlannedTask task, Pod pod, Optional<StageStatus> before) {
        String name = place(pod);
        boolean deleting = pod.getMetadata().getDeletionTimestamp() != null;
        active(
                task,
                jobs.isNamed(pod) ? TaskState.STOPPING : TaskState.PENDING,
                deleting
                        ? "waits for pod " + name + " of a deleted Job, which saves a checkpoint first"
                        : "waits for pod " + name + ", which runs without its Job",
                active(Optional.empty(), before));
    }

    private static Termination done() {
        return new Termination(ExitCode.DONE, null, null);
    }

    private static Termination fault(String message) {
        return new Termination(ExitCode.FAULT, message, null);
    }

    private String place(JobView view) {
        return place(view.job());
    }

    private String place(HasMetadata object) {
        String name = object.getMetadata().getName();
        return jobs.isInNamespace(object) ? name : object.getMetadata().getNamespace() + "/" + name;
    }

    private TaskRun active(Optional<JobView> view, Optional<StageStatus> before) {
        TaskRun run = PreviousStatus.active(input, before);
        return view.map(found -> merged(run, found)).orElse(run);
    }

    /** A run with its Job; pods of another namespace are not shown. */
    private TaskRun merged(TaskRun run, JobView view) {
        if (!jobs.isInNamespace(view.job())) {
            return run.withJob(place(view));
        }
        int earlier = attempts(jobs.making(view.key()))
                .filter(other -> !other.name().equals(view.name()))
                .mapToInt(JobView::userFailures)
                .sum();
        return PreviousStatus.merged(run, view, place(view), jobs.isOwn(view.job()) ? earlier : 0);
    }

    private TaskRun ended(Optional<JobView> view, Optional<StageStatus> before) {
        TaskRun run = PreviousStatus.ended(input, before);
        return view.map(found -> merged(run, found))
                .map(merged -> merged.withEnd(view.flatMap(JobView::ended).orElse(input.now())))
                .orElse(run);
    }

    private void active(PlannedTask task, TaskState state, String note, TaskRun run) {
        put(task, Attempts.active(state, note), run);
    }

    private void failed(PlannedTask task, Termination how, TaskRun run) {
        put(task, Attempts.failed(how, input.now()), run);
    }

    private void put(PlannedTask task, Attempts found, TaskRun run) {
        attempts.put(task.task().name(), found);
        runs.put(task.task().name(), run);
    }
}
