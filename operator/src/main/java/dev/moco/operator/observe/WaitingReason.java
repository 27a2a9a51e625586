package dev.moco.operator.observe;

import dev.moco.contract.Termination;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.StageJobBuilder;
import dev.moco.operator.plan.Attempts;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Reason why a Job has no running pod. */
public final class WaitingReason {
    private static final Set<String> USUAL = Set.of("ContainerCreating", "PodInitializing");

    /** A pod is usually created sooner. */
    private static final Duration USUAL_DELAY = Duration.ofSeconds(5);

    private static final Duration BETWEEN_READS = Duration.ofSeconds(20);

    private WaitingReason() {}

    /**
     * The reason, for a person.
     *
     * @param jobs has the warnings about a Job of which no pod can be created
     */
    static String of(Job job, StagePods pods, JobCache jobs, Instant now) {
        if (Boolean.TRUE.equals(job.getSpec().getSuspend())) {
            return JobLabels.label(job, StageJobBuilder.QUEUE)
                    .map(queue -> "waits in the queue " + queue)
                    .orElse("its Job is suspended, by hand or by a queue");
        }
        Optional<String> warning = PodWait.withoutPod(job, pods)
                .filter(since -> !now.isBefore(since.plus(USUAL_DELAY)))
                .flatMap(since -> jobs.warning(job, since));
        if (warning.isPresent()) {
            return warning.get();
        }
        Optional<Pod> newest = pods.newest();
        if (newest.isEmpty()) {
            return Attempts.STARTING;
        }
        return StagePods.isLive(newest.get()) ? pending(newest.get()) : replacing(newest.get(), pods);
    }

    /** Time at which the warnings about a Job without a pod are to be read again: no event of ours announces one. */
    public static Optional<Instant> nextRead(Job job, StagePods pods, Instant now) {
        return PodWait.withoutPod(job, pods)
                .filter(since -> !Boolean.TRUE.equals(job.getSpec().getSuspend()))
                .map(since -> since.plus(USUAL_DELAY))
                .map(first -> now.isBefore(first) ? first : now.plus(BETWEEN_READS));
    }

    private static String pending(Pod pod) {
        Optional<String> unscheduled = pod.getStatus() == null
                ? Optional.empty()
                : pod.getStatus().getConditions().stream()
                        .filter(is ->
                                "PodScheduled".equals(is.getType()) && ConditionStatus.FALSE.equals(is.getStatus()))
                        .findFirst()
                        .map(WaitingReason::scheduler);
        return unscheduled
                .or(() -> PodTermination.state(pod)
                        .map(ContainerState::getWaiting)
                        .flatMap(WaitingReason::kubelet))
                .orElse(Attempts.STARTING);
    }

    private static String scheduler(PodCondition condition) {
        String message = condition.getMessage();
        // Drop the scheduler's sentences about claims and preemption, which are the same for every pod.
        return message == null || message.isBlank()
                ? "is not scheduled yet"
                : message.strip().replaceFirst(" (no new claims to deallocate, )?preemption: .*", "");
    }

    private static Optional<String> kubelet(ContainerStateWaiting waiting) {
        String reason = waiting.getReason();
        if (reason == null || reason.isBlank() || USUAL.contains(reason)) {
            return Optional.empty();
        }
        String message = waiting.getMessage();
        return Optional.of(reason + (message == null ? "" : ": " + message.strip()));
    }

    /** Reason while a pod has ended or is being deleted, and the next one does not exist yet. */
    private static String replacing(Pod pod, StagePods pods) {
        String name = pod.getMetadata().getName();
        if (PodTermination.failed(pod) && !PodTermination.byInfrastructure(pod)) {
            Termination end = PodTermination.of(pod);
            return "runs again after: " + end.message();
        }
        return pods.live().isEmpty() && pod.getMetadata().getDeletionTimestamp() != null
                ? "pod " + name + " is being stopped, another follows"
                : "pod " + name + " was lost, another follows";
    }
}
