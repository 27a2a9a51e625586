package dev.moco.operator.observe;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Termination;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.JobNames;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.TaskRun;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Collects the observation of one reconcile, task by task. */
final class JobObserver {
    private final ReconcileInput input;
    private final Decision keyed;
    private final Set<String> unqueried;
    private final JobNames names;
    private final Optional<String> store;
    private final TimeLimits limits;
    private final Map<String, Attempts> attempts = new LinkedHashMap<>();
    private final Map<String, TaskRun> runs = new LinkedHashMap<>();

    JobObserver(ReconcileInput input, Decision keyed, Set<String> unqueried) {
        this.input = input;
        this.keyed = keyed;
        this.unqueried = unqueried;
        this.names = new JobNames(input.experiment(), input.policy(), input.config());
        this.store = StoreAccess.of(input.experiment(), input.policy(), input.config())
                .map(StoreAccess::uri);
        this.limits = new TimeLimits(input.policy().timeouts(), input.now());
    }

    JobObservation observation() {
        return new JobObservation(attempts, runs);
    }

    void observe(PlannedTask task) {
        Optional<StageStatus> before = PreviousStatus.stage(input, task);
        String name = names.job(task, keyed);
        Optional<Job> own =
                input.jobs().named(input.owner().namespace(), name).stream().findFirst();
        Optional<JobView> view = own.flatMap(job -> view(job, task)).or(() -> elsewhere(task));
        if (task.state() == TaskState.SUCCEEDED) {
            succeeded(task, view, before);
        } else if (before.filter(stage -> PreviousStatus.failed(input, stage)).isPresent()) {
            failed(task, fault(before.get().reason()), ended(view, before));
        } else if (view.isPresent()) {
            fromJob(task, view.get(), before);
        } else if (own.isPresent()) {
            otherKey(task, own.get(), before);
        } else if (unqueried.contains(task.key().orElseThrow())) {
            active(task, TaskState.PENDING, "waits for a query of its result", active(view, before));
        } else if (before.isPresent()) {
            // The plan counts no attempt, but the start time and counts of earlier ones stay in the status.
            runs.put(task.task().name(), PreviousStatus.active(input, before).withJob(null));
        }
    }

    private Optional<JobView> view(Job job, PlannedTask task) {
        return JobView.of(job, task.key().orElseThrow(), input.jobs()).filter(view -> sameStore(job));
    }

    private boolean sameStore(Job job) {
        return store.isPresent() && JobLabels.annotation(job, JobLabels.STORE).equals(store);
    }

    /** Another Job that makes the same artifact: of another experiment, or of this one before a retry. */
    private Optional<JobView> elsewhere(PlannedTask task) {
        return input.jobs().withKey(task.key().orElseThrow()).stream()
                .flatMap(job -> view(job, task).stream())
                .filter(JobView::live)
                .min(Comparator.comparing((JobView view) -> !owned(view.job()))
                        .thenComparing(JobView::namespace)
                        .thenComparing(JobView::name));
    }

    private boolean owned(Job job) {
        return JobLabels.isOwnedBy(job, input.owner().uid());
    }

    private void succeeded(PlannedTask task, Optional<JobView> view, Optional<StageStatus> before) {
        // An artifact of another experiment's Job counts as an attempt of this one only if this one waited for it.
        TaskRun run = ended(view.filter(found -> owned(found.job())), before);
        if (run.job() != null) {
            put(task, Attempts.NONE.ended(done(), false, input.now()), run);
        }
    }

    private void fromJob(PlannedTask task, JobView view, Optional<StageStatus> before) {
        if (view.deleting()
                || (view.live() && owned(view.job()) && input.policy().suspend())) {
            // A suspended Job is deleted in this reconcile, so time limits no longer apply.
            String note = "its Job is being deleted; the pod saves a checkpoint first";
            active(task, TaskState.STOPPING, note, active(Optional.of(view), before));
        } else if (view.live()) {
            fromLiveJob(task, view, before);
        } else if (unqueried.contains(task.key().orElseThrow())) {
            String note = "has ended; waits for a query of its commit";
            active(task, TaskState.RUNNING, note, active(Optional.of(view), before));
        } else {
            Termination how = view.completed() ? done() : view.failure();
            TaskRun run = ended(Optional.of(view), before);
            put(task, Attempts.failed(how, view.ended().orElse(input.now())), run);
        }
    }

    private void fromLiveJob(PlannedTask task, JobView view, Optional<StageStatus> before) {
        Optional<String> expired = owned(view.job())
                ? limits.verdict(view.job(), new StagePods(input.jobs().pods(view.job())), input.jobs())
                : Optional.empty();
        if (expired.isPresent()) {
            failed(task, fault(expired.get()), ended(Optional.of(view), before));
            return;
        }
        // The last pod of a Job does not count as lost: the Job's condition will report its end.
        boolean running = view.pods().running()
                || view.pods().newest().filter(PodTermination::isLast).isPresent();
        put(
                task,
                running && owned(view.job())
                        ? Attempts.running()
                        : Attempts.active(running ? TaskState.RUNNING : TaskState.PENDING, note(view, running)),
                active(Optional.of(view), before));
    }

    private String note(JobView view, boolean running) {
        String waiting = WaitingReason.of(view.job(), view.pods(), input.jobs(), input.now());
        if (owned(view.job())) {
            return waiting;
        }
        String other = "runs as Job " + place(view) + " of experiment "
                + JobLabels.label(view.job(), JobLabels.EXPERIMENT).orElse("?");
        return running || waiting.equals(Attempts.STARTING) ? other : other + ", which " + waiting;
    }

    /** Attempt of a task whose Job name is used by a Job of another key. */
    private void otherKey(PlannedTask task, Job job, Optional<StageStatus> before) {
        String name = job.getMetadata().getName();
        TaskRun run = PreviousStatus.active(input, before);
        if (task.task().stage().hasTrials() && !JobLabels.ended(job) && sameStore(job)) {
            active(task, TaskState.PENDING, "waits for Job " + name + ", which runs other trials", run);
            return;
        }
        String problem = "Job " + name + " exists and does not make key "
                + task.key().orElseThrow().substring(0, 12) + "; with another spec.retryToken it has another name";
        failed(task, new Termination(ExitCode.BAD_CONFIG, problem, null), run.withJob(null));
    }

    private static Termination done() {
        return new Termination(ExitCode.DONE, null, null);
    }

    private static Termination fault(String message) {
        return new Termination(ExitCode.FAULT, message, null);
    }

    private String place(JobView view) {
        return view.namespace().equals(input.owner().namespace()) ? view.name() : view.namespace() + "/" + view.name();
    }

    private TaskRun active(Optional<JobView> view, Optional<StageStatus> before) {
        TaskRun run = PreviousStatus.active(input, before);
        return view.map(found -> PreviousStatus.merged(run, found, place(found)))
                .orElse(run);
    }

    private TaskRun ended(Optional<JobView> view, Optional<StageStatus> before) {
        TaskRun run = PreviousStatus.ended(input, before);
        return view.map(found -> PreviousStatus.merged(run, found, place(found)))
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
