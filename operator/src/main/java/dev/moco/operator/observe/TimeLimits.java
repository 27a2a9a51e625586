package dev.moco.operator.observe;

import dev.moco.contract.Progress;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.observe.StoreSnapshot.ProgressReads;
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
 * Time limits, checked against a Job and its pods.
 *
 * <p>They apply to a whole Job: trials start together, so if one has run for too long, all have.
 */
public record TimeLimits(Timeouts timeouts, Instant now) {
    /** Time until a stalled pod is checked again, where its progress has not been read since the limit. */
    private static final Duration NEXT_READ = Duration.ofSeconds(30);

    /** Reason to fail a Job; empty if it is within its limits. */
    Optional<String> verdict(Job job, StagePods pods, JobCache jobs) {
        return pending(job, pods)
                .filter(this::past)
                .map(end -> noPod(job, pods) + " within timeouts.pendingMinutes, " + timeouts.pendingMinutes() + ": "
                        + WaitingReason.of(job, waiting(job, pods).orElse(pods), jobs, now))
                .or(() -> active(job, pods)
                        .filter(this::past)
                        .map(end -> "it ran for longer than timeouts.activeHours, " + timeouts.activeHours()));
    }

    private static String noPod(Job job, StagePods pods) {
        return waiting(job, pods).isPresent() ? "not all pods of it ran" : "no pod of it ran";
    }

    /**
     * Reason to evict a running pod; empty if it makes progress, or if none was read since it should have been made.
     *
     * @param reads reads of its progress by this process
     */
    public Optional<String> stalled(Pod pod, Optional<Progress> progress, Optional<ProgressReads> reads) {
        return stallTime(pod, progress, reads)
                .filter(end -> reads.filter(read -> read.last().isAfter(end)).isPresent())
                .map(end -> "no progress for timeouts.stalledMinutes, " + timeouts.stalledMinutes()
                        + progress.map(last -> ", since step " + last.step()).orElse(""));
    }

    /** Time at which a Job reaches a limit, if nothing changes. */
    public Optional<Instant> next(Job job, StagePods pods) {
        return Stream.concat(pending(job, pods).stream(), active(job, pods).stream())
                .filter(end -> !past(end))
                .min(Comparator.naturalOrder());
    }

    /** Time at which a running pod has stalled, if nothing changes; later if its progress has yet to be read then. */
    public Optional<Instant> next(Pod pod, Optional<Progress> progress, Optional<ProgressReads> reads) {
        return stallTime(pod, progress, reads).map(end -> past(end) ? now.plus(NEXT_READ) : end);
    }

    private boolean past(Instant end) {
        return now.isAfter(end);
    }

    /** Pods of a task on several nodes that wait for theirs, while those of other nodes may run; empty if there is none. */
    private static Optional<StagePods> waiting(Job job, StagePods pods) {
        return Optional.of(pods.waiting())
                .filter(waiting -> JobLabels.sharesTask(job) && !waiting.pods().isEmpty());
    }

    /**
     * Time at which the wait for a node reaches its limit. A Job that a queue holds back has no pods and no
     * such limit.
     */
    private Optional<Instant> pending(Job job, StagePods pods) {
        Optional<StagePods> waiting = waiting(job, pods);
        boolean waits = timeouts.pendingMinutes() > 0
                && !JobLabels.ended(job)
                && !Boolean.TRUE.equals(job.getSpec().getSuspend())
                && (waiting.isPresent() || !pods.running());
        if (!waits) {
            return Optional.empty();
        }
        @Nullable
        String began = job.getStatus() == null ? null : job.getStatus().getStartTime();
        Stream<Instant> ofPods = waiting.isPresent()
                // The others' pods are replaced meanwhile: the one that has waited longest counts.
                ? waiting.get().pods().stream().map(StagePods::created).limit(1)
                // The node of the last pod became free when that pod ended.
                : Stream.concat(pods.pods().stream().map(StagePods::created), pods.ended().stream());
        return Stream.concat(Stream.of(began == null ? StagePods.created(job) : Instant.parse(began)), ofPods)
                .max(Comparator.naturalOrder())
                .map(start -> start.plus(Duration.ofMinutes(timeouts.pendingMinutes())));
    }

    /** Time at which the index that ran longest reaches the limit; deleted pods do not count. */
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

    /**
     * Time since which a pod has made no progress, plus the limit. What was not read may have been made: only the time
     * counts in which this process reads its progress.
     */
    private Optional<Instant> stallTime(Pod pod, Optional<Progress> progress, Optional<ProgressReads> reads) {
        if (timeouts.stalledMinutes() == 0 || reads.isEmpty() || !StagePods.isRunning(pod)) {
            return Optional.empty();
        }
        return Stream.of(StagePods.startOf(pod), progress.map(Progress::updated), reads.map(ProgressReads::since))
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder())
                .map(last -> last.plus(Duration.ofMinutes(timeouts.stalledMinutes())));
    }
}
