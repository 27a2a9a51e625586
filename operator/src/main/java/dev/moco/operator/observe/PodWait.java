package dev.moco.operator.observe;

import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.PodPhase;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Since when a Job waits for a pod to run. */
public final class PodWait {
    private PodWait() {}

    /** Creation of the oldest pod that waits for a node or its image, or the time since which there is no pod at all. */
    public static Optional<Instant> since(Job job, List<Pod> pods) {
        StagePods all = new StagePods(pods);
        return all.live().isEmpty()
                ? withoutPod(job, all)
                : all.live().stream()
                        .filter(pod -> pod.getStatus() != null
                                && PodPhase.PENDING.equals(pod.getStatus().getPhase()))
                        .map(StagePods::created)
                        .min(Comparator.naturalOrder());
    }

    /** Time since which a Job that has not ended has none of these pods, neither waiting nor running. */
    static Optional<Instant> withoutPod(Job job, StagePods pods) {
        if (JobLabels.ended(job)
                || job.getMetadata().getDeletionTimestamp() != null
                || !pods.live().isEmpty()) {
            return Optional.empty();
        }
        return Stream.of(Stream.of(StagePods.created(job)), changes(job), pods.ended().stream())
                .flatMap(times -> times)
                .max(Comparator.naturalOrder());
    }

    /** Times at which the Job started, and was suspended or resumed. */
    private static Stream<Instant> changes(Job job) {
        if (job.getStatus() == null) {
            return Stream.empty();
        }
        @Nullable String started = job.getStatus().getStartTime();
        return Stream.concat(
                        Stream.ofNullable(started),
                        job.getStatus().getConditions().stream()
                                .filter(is -> "Suspended".equals(is.getType()))
                                .map(JobCondition::getLastTransitionTime)
                                .flatMap(Stream::ofNullable))
                .map(Instant::parse);
    }
}
