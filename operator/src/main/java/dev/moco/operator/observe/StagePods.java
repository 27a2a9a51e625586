package dev.moco.operator.observe;

import dev.moco.contract.Termination;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.PodPhase;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pods of a Job, or of one index of it.
 *
 * @param pods oldest first
 */
public record StagePods(List<Pod> pods) {
    public static final String INDEX_FAILURES = "batch.kubernetes.io/job-index-failure-count";
    public static final String INDEX_IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count";

    public StagePods {
        pods = pods.stream()
                .sorted(Comparator.comparing((Pod pod) -> created(pod))
                        .thenComparing(pod -> pod.getMetadata().getName()))
                .toList();
    }

    StagePods ofIndex(int index) {
        return new StagePods(pods.stream()
                .filter(pod -> number(pod, JobLabels.COMPLETION_INDEX).equals(OptionalInt.of(index)))
                .toList());
    }

    /** Pods of the same index as one. */
    StagePods alike(Pod pod) {
        OptionalInt index = number(pod, JobLabels.COMPLETION_INDEX);
        return index.isPresent() ? ofIndex(index.getAsInt()) : this;
    }

    public Optional<Pod> newest() {
        return pods.isEmpty() ? Optional.empty() : Optional.of(pods.get(pods.size() - 1));
    }

    /** Pods that neither ended nor are being deleted. */
    public List<Pod> live() {
        return pods.stream().filter(StagePods::isLive).toList();
    }

    public static boolean isLive(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null && !hasEnded(pod);
    }

    /** True if no process of a pod runs; one that is being deleted may still run. */
    static boolean hasEnded(Pod pod) {
        @Nullable
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return PodPhase.FAILED.equals(phase) || PodPhase.SUCCEEDED.equals(phase);
    }

    /** True if a pod makes a key; that of an Indexed Job makes the key of its index, or all make the only one. */
    static boolean makes(Pod pod, String key) {
        List<String> keys = new ArrayList<>(JobLabels.keys(pod).values());
        OptionalInt own = number(pod, JobLabels.COMPLETION_INDEX);
        boolean shared = keys.size() == 1;
        if (own.isEmpty() || shared) {
            return keys.contains(key);
        }
        return keys.indexOf(key) == own.getAsInt();
    }

    /** True if one of them runs. */
    boolean running() {
        return pods.stream().anyMatch(StagePods::isRunning);
    }

    /** Pods that wait for a node or its image. */
    StagePods waiting() {
        return new StagePods(
                live().stream().filter(pod -> startOf(pod).isEmpty()).toList());
    }

    static boolean isRunning(Pod pod) {
        return isLive(pod) && startOf(pod).isPresent();
    }

    /** Time at which the first of them began to run. */
    Optional<Instant> started() {
        return pods.stream().flatMap(pod -> startOf(pod).stream()).min(Comparator.naturalOrder());
    }

    /** Time at which the last of them ended. */
    Optional<Instant> ended() {
        return pods.stream().flatMap(pod -> endOf(pod).stream()).max(Comparator.naturalOrder());
    }

    /** Time that the pods which still exist ran in all. */
    Duration active(Instant now) {
        return pods.stream()
                .flatMap(pod -> startOf(pod)
                        .map(start -> Duration.between(start, endOf(pod).orElse(now)))
                        .stream())
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** Termination of the last pod that failed by itself. */
    Optional<Termination> lastFailure() {
        return failures().reduce((first, second) -> second).map(PodTermination::of);
    }

    private Stream<Pod> failures() {
        return pods.stream().filter(pod -> PodTermination.failed(pod) && !PodTermination.byInfrastructure(pod));
    }

    /** Number of pods of an index that failed by themselves, including deleted pods. */
    int userFailures() {
        int visible = (int) failures().count();
        return newest().map(pod -> Math.max(
                        visible,
                        number(pod, INDEX_FAILURES).orElse(0)
                                + (PodTermination.failed(pod) && !PodTermination.byInfrastructure(pod) ? 1 : 0)))
                .orElse(0);
    }

    /**
     * Number of pods that were replaced after disruptions. A deleted pod counts as one, since a pod that
     * failed by itself is kept.
     *
     * @param before number counted so far
     * @param known the newest pod when they were counted
     */
    int infraFailures(int before, @Nullable String known) {
        Optional<Pod> newest = newest();
        if (newest.isEmpty()) {
            return before;
        }
        int visible = (int) pods.stream()
                .limit(pods.size() - 1L)
                .filter(pod -> PodTermination.failed(pod) && PodTermination.byInfrastructure(pod))
                .count();
        boolean replaced = known != null
                && !known.equals(newest.get().getMetadata().getName())
                && failures().noneMatch(pod -> pod.getMetadata().getName().equals(known));
        int ignored = number(newest.get(), INDEX_IGNORED).orElse(0);
        return Math.max(before + (replaced ? 1 : 0), Math.max(visible, ignored));
    }

    static Instant created(HasMetadata object) {
        @Nullable String created = object.getMetadata().getCreationTimestamp();
        return created == null ? Instant.EPOCH : Instant.parse(created);
    }

    public static Optional<Instant> startOf(Pod pod) {
        Optional<ContainerState> state = PodTermination.state(pod);
        return state.map(ContainerState::getRunning)
                .map(ContainerStateRunning::getStartedAt)
                .or(() -> state.map(ContainerState::getTerminated).map(ContainerStateTerminated::getStartedAt))
                .map(Instant::parse);
    }

    private static Optional<Instant> endOf(Pod pod) {
        return PodTermination.terminated(pod)
                .map(ContainerStateTerminated::getFinishedAt)
                .map(Instant::parse);
    }

    private static OptionalInt number(Pod pod, String annotation) {
        return JobLabels.annotation(pod, annotation)
                .filter(text -> text.matches("[0-9]{1,9}"))
                .map(text -> OptionalInt.of(Integer.parseInt(text)))
                .orElse(OptionalInt.empty());
    }
}
