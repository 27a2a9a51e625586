package dev.moco.operator.observe;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.contract.Termination;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.JobNames;
import dev.moco.operator.jobs.StoreAccess;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.PlannedTask.State;
import dev.moco.operator.report.TaskRun;
import dev.moco.operator.report.TaskRun.Phase;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was tried of each task, read off Jobs, pods and the last status.
 *
 * @param attempts by task, for {@link dev.moco.operator.plan.Plan#decide}
 * @param runs by task, for the status
 */
public record JobObservation(Map<String, Attempts> attempts, Map<String, TaskRun> runs) {
    /**
     * Observes.
     *
     * @param keyed every task with its key, as far as it is known, decided without attempts
     * @param unseen keys that the store was not asked for since the cluster last changed about them
     */
    public static JobObservation of(ReconcileInput scene, Decision keyed, Set<String> unseen) {
        Observer observer = new Observer(scene, keyed, unseen);
        keyed.tasks().stream().filter(task -> task.key().isPresent()).forEach(observer::observe);
        return new JobObservation(observer.attempts, observer.runs);
    }

    private static final class Observer {
        private final ReconcileInput scene;
        private final Decision keyed;
        private final Set<String> unseen;
        private final JobNames names;
        private final Optional<String> store;
        private final TimeLimits limits;
        private final Map<String, Attempts> attempts = new LinkedHashMap<>();
        private final Map<String, TaskRun> runs = new LinkedHashMap<>();

        Observer(ReconcileInput scene, Decision keyed, Set<String> unseen) {
            this.scene = scene;
            this.keyed = keyed;
            this.unseen = unseen;
            this.names = new JobNames(scene.experiment(), scene.policy(), scene.config());
            this.store = StoreAccess.of(scene.experiment(), scene.policy(), scene.config())
                    .map(StoreAccess::uri);
            this.limits = new TimeLimits(scene.policy().timeouts(), scene.now());
        }

        void observe(PlannedTask task) {
            Optional<StageStatus> before = PreviousStatus.stage(scene, task);
            String name = names.job(task, keyed);
            Optional<Job> own = scene.cluster().named(scene.owner().namespace(), name).stream()
                    .findFirst();
            Optional<JobView> view = own.flatMap(job -> view(job, task)).or(() -> elsewhere(task));
            if (task.state() == State.DONE) {
                done(task, view, before);
            } else if (before.filter(stage -> PreviousStatus.failed(scene, stage))
                    .isPresent()) {
                TaskRun run = run(view, before, Phase.ENDED, null);
                give(task, Attempts.exhausted(said(before.get().reason()), scene.now()), run);
            } else if (view.isPresent()) {
                fromJob(task, view.get(), before);
            } else if (own.isPresent()) {
                strange(task, own.get(), before);
            } else if (unseen.contains(task.key().orElseThrow())) {
                give(task, Attempts.NONE.started(), run(view, before, Phase.PENDING, "its result is being looked up"));
            } else if (before.isPresent()) {
                // Nothing was tried of it as far as the plan goes, but its start and its counts are remembered.
                runs.put(task.task().name(), run(view, before, Phase.NONE, null));
            }
        }

        private Optional<JobView> view(Job job, PlannedTask task) {
            return JobView.of(job, task.key().orElseThrow(), scene.cluster()).filter(view -> sameStore(job));
        }

        private boolean sameStore(Job job) {
            return store.isPresent()
                    && JobLabels.annotation(job, JobLabels.STORE).equals(store);
        }

        /** Another Job that makes the same thing now: of another experiment, or of this one before a retry. */
        private Optional<JobView> elsewhere(PlannedTask task) {
            return scene.cluster().withKey(task.key().orElseThrow()).stream()
                    .flatMap(job -> view(job, task).stream())
                    .filter(JobView::live)
                    .min(Comparator.comparing((JobView view) -> !mine(view.job()))
                            .thenComparing(JobView::namespace)
                            .thenComparing(JobView::name));
        }

        private boolean mine(Job job) {
            return JobLabels.isOwnedBy(job, scene.owner().uid());
        }

        private void done(PlannedTask task, Optional<JobView> view, Optional<StageStatus> before) {
            // What another experiment's Job made is ours too, but was not tried for us unless we waited for it.
            TaskRun run = run(view.filter(seen -> mine(seen.job())), before, Phase.ENDED, null);
            if (run.job() != null) {
                give(task, new Attempts(false, 0, new Termination(ExitCode.DONE, null, null), scene.now()), run);
            }
        }

        private void fromJob(PlannedTask task, JobView view, Optional<StageStatus> before) {
            if (view.deleting()
                    || (view.live() && mine(view.job()) && scene.policy().suspend())) {
                // Suspended, it is deleted in this turn, and no limit of time counts any more.
                String note = "its Job is being deleted; the pod saves a checkpoint first";
                give(task, Attempts.NONE.started(), run(Optional.of(view), before, Phase.STOPPING, note));
            } else if (view.live()) {
                Optional<String> late = mine(view.job())
                        ? limits.verdict(
                                view.job(), new StagePods(scene.cluster().pods(view.job())))
                        : Optional.empty();
                if (late.isPresent()) {
                    TaskRun run = run(Optional.of(view), before, Phase.ENDED, null);
                    give(task, Attempts.exhausted(said(late.get()), scene.now()), run);
                } else {
                    // One that no other follows has not been lost: its Job is about to say so.
                    boolean runs = view.pods().running()
                            || view.pods()
                                    .newest()
                                    .filter(PodTermination::isLast)
                                    .isPresent();
                    String note = note(view, runs);
                    give(
                            task,
                            Attempts.NONE.started(),
                            run(Optional.of(view), before, runs ? Phase.RUNNING : Phase.PENDING, note));
                }
            } else if (unseen.contains(task.key().orElseThrow())) {
                String note = "has ended; its commit is being looked up";
                give(task, Attempts.NONE.started(), run(Optional.of(view), before, Phase.RUNNING, note));
            } else {
                Termination how = view.completed() ? new Termination(ExitCode.DONE, null, null) : view.failure();
                give(
                        task,
                        Attempts.exhausted(how, view.ended().orElse(scene.now())),
                        run(Optional.of(view), before, Phase.ENDED, null));
            }
        }

        private @Nullable String note(JobView view, boolean runs) {
            String waits = WaitingReason.of(view.job(), view.pods());
            if (mine(view.job())) {
                return runs ? null : waits;
            }
            String whose = "runs as Job " + place(view) + " of experiment "
                    + JobLabels.label(view.job(), JobLabels.EXPERIMENT).orElse("?");
            return runs || waits.equals(TaskRun.STARTING) ? whose : whose + ", which " + waits;
        }

        /** The name is taken by a Job that is not about this key. */
        private void strange(PlannedTask task, Job job, Optional<StageStatus> before) {
            String name = job.getMetadata().getName();
            if (task.task().stage() == Stage.DETECT && !JobLabels.ended(job) && sameStore(job)) {
                String note = "waits for Job " + name + ", which runs other trials";
                give(task, Attempts.NONE.started(), run(Optional.empty(), before, Phase.PENDING, note));
                return;
            }
            String problem = "Job " + name + " exists and does not make key "
                    + task.key().orElseThrow().substring(0, 12) + "; with another spec.retryToken it has another name";
            Termination how = new Termination(ExitCode.BAD_CONFIG, problem, null);
            give(task, Attempts.exhausted(how, scene.now()), run(Optional.empty(), before, Phase.NONE, null));
        }

        private static Termination said(String words) {
            return new Termination(ExitCode.FAULT, words, null);
        }

        private String place(JobView view) {
            return view.namespace().equals(scene.owner().namespace())
                    ? view.name()
                    : view.namespace() + "/" + view.name();
        }

        private TaskRun run(Optional<JobView> view, Optional<StageStatus> before, Phase phase, @Nullable String note) {
            TaskRun run = PreviousStatus.run(scene, before, phase, note);
            return view.map(seen -> PreviousStatus.merged(scene, run, seen, place(seen)))
                    .orElse(run);
        }

        private void give(PlannedTask task, Attempts tried, TaskRun run) {
            attempts.put(task.task().name(), tried);
            runs.put(task.task().name(), run);
        }
    }
}
