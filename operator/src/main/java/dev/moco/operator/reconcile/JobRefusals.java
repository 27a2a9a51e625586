package dev.moco.operator.reconcile;

import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Jobs that the API server refuses to create, for a quota or a policy. Each is tried again after a delay that doubles,
 * whatever the message is, and at once when its spec has changed.
 */
final class JobRefusals {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final Clock clock;
    private final Map<RefusedJob, Refusal> refusals = new ConcurrentHashMap<>();

    JobRefusals(Clock clock) {
        this.clock = clock;
    }

    /** Name of a Job and the experiment that needs it: two experiments may need a Job of the same name. */
    private record RefusedJob(ResourceID job, Optional<String> experiment) {
        static RefusedJob of(Job job) {
            return new RefusedJob(ResourceID.fromResource(job), JobLabels.label(job, JobLabels.EXPERIMENT));
        }
    }

    /**
     * A refused Job.
     *
     * @param job as it was sent
     * @param message of the API server
     * @param since time of the first refusal
     * @param delay between this refusal and the next attempt
     * @param until time of the next attempt
     */
    record Refusal(Job job, String message, Instant since, Duration delay, Instant until) {}

    /** Time left until a Job may be tried again; empty if it may be now. */
    Optional<Duration> wait(Job job) {
        return Optional.ofNullable(refusals.get(RefusedJob.of(job)))
                .filter(refusal -> refusal.job().equals(job))
                .map(refusal -> Duration.between(clock.instant(), refusal.until()))
                .filter(left -> left.compareTo(Duration.ZERO) > 0);
    }

    /** Records a refusal; true if its message is new, so that the status has to report it. */
    boolean refused(Job job, String message) {
        Instant now = clock.instant();
        RefusedJob id = RefusedJob.of(job);
        Refusal before = refusals.get(id);
        Duration delay = before == null || !before.job().equals(job)
                ? FIRST
                : shorter(before.delay().multipliedBy(2), LONGEST);
        refusals.put(id, new Refusal(job, message, before == null ? now : before.since(), delay, now.plus(delay)));
        return before == null || !before.message().equals(message);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    void created(Job job) {
        refusals.remove(RefusedJob.of(job));
    }

    /** Drops the refused Jobs of an experiment but for those that it still needs. */
    void retain(ResourceID experiment, Collection<Job> needed) {
        Set<RefusedJob> ids = needed.stream().map(RefusedJob::of).collect(Collectors.toSet());
        refusals.entrySet()
                .removeIf(entry -> belongs(entry.getValue().job(), experiment) && !ids.contains(entry.getKey()));
    }

    private static boolean belongs(Job job, ResourceID experiment) {
        return experiment
                        .getNamespace()
                        .equals(Optional.ofNullable(job.getMetadata().getNamespace()))
                && JobLabels.label(job, JobLabels.EXPERIMENT).equals(Optional.of(experiment.getName()));
    }

    /** Message of the last refusal of a Job of this name. */
    Optional<String> message(String namespace, String name) {
        ResourceID job = new ResourceID(name, namespace);
        return refusals.entrySet().stream()
                .filter(entry -> entry.getKey().job().equals(job))
                .map(entry -> entry.getValue().message())
                .findFirst();
    }

    Stream<Refusal> all() {
        return refusals.values().stream();
    }
}
