package dev.moco.operator.observe;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Termination;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Job from the view of one of its tasks.
 *
 * @param job Job
 * @param key of the task
 * @param index of the task within an Indexed Job of trials; -1 in a Job of one task
 * @param pods pods of the task; of one on several nodes those of the first, which reports its progress
 * @param all pods of the task on all nodes
 */
public record JobView(Job job, String key, int index, StagePods pods, StagePods all) {
    /** Returns the view; empty if the Job does not make this key. */
    public static Optional<JobView> of(Job job, String key, JobCache cache) {
        int index = new ArrayList<>(JobLabels.keys(job).values()).indexOf(key);
        if (index < 0) {
            return Optional.empty();
        }
        StagePods pods = new StagePods(cache.pods(job));
        if (JobLabels.sharesTask(job)) {
            return Optional.of(new JobView(job, key, -1, pods.ofIndex(0), pods));
        }
        boolean indexed = "Indexed".equals(job.getSpec().getCompletionMode());
        StagePods own = indexed ? pods.ofIndex(index) : pods;
        return Optional.of(new JobView(job, key, indexed ? index : -1, own, own));
    }

    boolean deleting() {
        return job.getMetadata().getDeletionTimestamp() != null;
    }

    /** True if the task has succeeded, as the Job states it. */
    boolean completed() {
        return index < 0
                ? JobLabels.condition(job, JobLabels.COMPLETE)
                : JobIndexes.contain(
                        job.getStatus() == null ? null : job.getStatus().getCompletedIndexes(), index);
    }

    /** True if the task has failed for good. */
    boolean failed() {
        if (completed()) {
            return false;
        }
        boolean index =
                job.getStatus() != null && JobIndexes.contain(job.getStatus().getFailedIndexes(), this.index);
        return index || JobLabels.ended(job);
    }

    public boolean live() {
        return !completed() && !failed();
    }

    /** True if the task failed with its last retry: by faults, not by bad data or configuration. */
    boolean outOfRetries() {
        int exitCode = failure().exitCode();
        boolean byPolicy = condition()
                .filter(is -> "PodFailurePolicy".equals(is.getReason()))
                .isPresent();
        return failed() && !byPolicy && exitCode != ExitCode.BAD_DATA && exitCode != ExitCode.BAD_CONFIG;
    }

    /** Step of the checkpoint that the Job began from; 0 for none. */
    long checkpoint() {
        String[] steps =
                JobLabels.annotation(job, JobLabels.CHECKPOINTS).orElse("").split(",", -1);
        int own = Math.max(0, index);
        return own < steps.length && steps[own].matches("[0-9]{1,18}") ? Long.parseLong(steps[own]) : 0;
    }

    /** Termination of the last pod that failed, or the message of the Job's condition. */
    Termination failure() {
        return all.lastFailure()
                .orElseGet(() -> new Termination(
                        ExitCode.FAULT,
                        condition().map(JobCondition::getMessage).orElse(null),
                        null));
    }

    /** Time of the end, of its pods or of the Job. */
    Optional<Instant> ended() {
        return all.ended()
                .or(() -> condition().map(JobCondition::getLastTransitionTime).map(Instant::parse));
    }

    private Optional<JobCondition> condition() {
        return job.getStatus() == null
                ? Optional.empty()
                : job.getStatus().getConditions().stream()
                        .filter(is -> ConditionStatus.TRUE.equals(is.getStatus())
                                && (JobLabels.FAILED.equals(is.getType()) || JobLabels.COMPLETE.equals(is.getType())))
                        .findFirst();
    }

    /** True if the task runs: on several nodes once its pods run on all of them. */
    boolean running() {
        return JobLabels.sharesTask(job) ? all.running() && all.waiting().pods().isEmpty() : pods.running();
    }

    /** Pods that show why it does not run. */
    StagePods notRunning() {
        return JobLabels.sharesTask(job) && !all.waiting().pods().isEmpty() ? all.waiting() : pods;
    }

    int userFailures() {
        if (index >= 0) {
            return pods.userFailures();
        }
        @Nullable
        Integer failed = job.getStatus() == null ? null : job.getStatus().getFailed();
        return failed == null ? 0 : failed;
    }

    String name() {
        return job.getMetadata().getName();
    }

    String namespace() {
        return job.getMetadata().getNamespace();
    }
}
