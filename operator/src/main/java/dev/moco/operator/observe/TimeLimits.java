package dev.moco.operator.observe;

import dev.moco.contract.Progress;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.plan.Policy.Timeouts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Limits of time, held against what a Job and its pods show.
 *
 * <p>They hold for a Job: where one trial has run for too long, so have the others, which began with it.
 */
public record TimeLimits(Timeouts timeouts, Instant now) {
    /** Why a Job is to be given up; empty if it is in time. */
    Optional<String> verdict(Job job, StagePods pods) {
        return pending(job, pods)
                .filter(this::past)
                .map(end -> "no pod of it ran within timeouts.pendingMinutes, " + timeouts.pendingMinutes() + ": "
                        + WaitingReason.of(job, pods))
                .or(() -> active(job, pods)
                        .filter(this::past)
                        .map(end -> "it ran for longer than timeouts.activeHours, " + timeouts.activeHours()));
    }

    /** Why a running pod is to be replaced; empty if it moves on. */
    public Optional<String> stalled(Pod pod, Optional<Progress> progress) {
        return standsStill(pod, progress)
                .filter(this::past)
                .map(end -> "no progress for timeouts.stalledMinutes, " + timeouts.stalledMinutes()
                        + progress.map(last -> ", since step " + last.step()).orElse(""));
    }

    /** When a limit of a Job is reached, if nothing changes. */
    public Optional<Instant> next(Job job, StagePods pods) {
        return Stream.concat(pending(job, pods).stream(), active(job, pods).stream())
                .filter(end -> !past(end))
                .min(Comparator.naturalOrder());
    }

    /** When a running pod has stood still for too long, if nothing changes. */
    public Optional<Instant> next(Pod pod, Optional<Progress> progress) {
        return standsStill(pod, progress).filter(end -> !past(end));
    }

    private boolean past(Instant end) {
        return now.isAfter(end);
    }

    /** End of the wait, while no pod runs. A Job that a queue holds back has no pods and waits for no node. */
    private Optional<Instant> pending(Job job, StagePods pods) {
        boolean waits = timeouts.pendingMinutes() > 0
                && !JobLabels.ended(job)
                && !Boolean.TRUE.equals(job.getSpec().getSuspend())
                && pods.pods().stream().noneMatch(StagePods::isRunning);
        if (!waits) {
            return Optional.empty();
        }
        @Nullable
        String began = job.getStatus() == null ? null : job.getStatus().getStartTime();
        Stream<Instant> since = Stream.of(
                        Stream.of(began == null ? StagePods.created(job) : Instant.parse(began)),
                        // The nodes of a pod that just ended are free only now.
                        pods.pods().stream().map(StagePods::created),
                        pods.ended().stream())
                .flatMap(instants -> instants);
        return since.max(Comparator.naturalOrder())
                .map(start -> start.plus(Duration.ofMinutes(timeouts.pendingMinutes())));
    }

    /** End of the time that the one of its indexes that ran longest has; time of pods that are gone is not counted. */
    private Optional<Instant> active(Job job, StagePods pods) {
        if (timeouts.activeHours() == 0 || JobLabels.ended(job)) {
            return Optional.empty();
        }
        Duration limit = Duration.ofHours(timeouts.activeHours());
        return pods.pods().stream()
                .filter(StagePods::isRunning)
                .map(pod -> now.plus(limit).minus(pods.alike(pod).active(now)))
                .min(Comparator.naturalOrder());
    }

    private Optional<Instant> standsStill(Pod pod, Optional<Progress> progress) {
        return StagePods.startOf(pod)
                .filter(start -> timeouts.stalledMinutes() > 0 && StagePods.isRunning(pod))
                .map(start -> Stream.concat(Stream.of(start), progress.map(Progress::updated).stream())
                        .max(Comparator.naturalOrder())
                        .orElse(start)
                        .plus(Duration.ofMinutes(timeouts.stalledMinutes())));
    }
}
