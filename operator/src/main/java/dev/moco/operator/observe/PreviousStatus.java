package dev.moco.operator.observe;

import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.RawData;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.ExperimentState;
import dev.moco.operator.report.TaskRun;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * State recovered from the last written status: the end of the experiment, failures of stages, times and
 * counts that are stored nowhere else, and the fingerprints of raw data.
 */
public final class PreviousStatus {
    private PreviousStatus() {}

    /** True if the experiment has ended and no other attempt was requested since. */
    public static boolean ended(ReconcileInput input) {
        MoCoExperimentStatus previous = input.previous();
        if (previous == null) {
            return false;
        }
        ExperimentState state = ExperimentState.of(previous.conditions());
        return state == ExperimentState.SUCCEEDED
                || (state.ended() && (sameToken(input) || input.policy().cancel()));
    }

    private static boolean sameToken(ReconcileInput input) {
        MoCoExperimentStatus previous = input.previous();
        @Nullable String token = input.policy().retryToken().orElse(null);
        return previous != null && Objects.equals(previous.retryToken(), token);
    }

    /** The stage of a task, if it had the same key. */
    static Optional<StageStatus> stage(ReconcileInput input, PlannedTask task) {
        MoCoExperimentStatus previous = input.previous();
        List<StageStatus> stages = previous == null ? List.of() : previous.stages();
        return stages.stream()
                .filter(stage -> {
                    @Nullable String key = stage.key();
                    return stage.name().equals(task.task().name())
                            && key != null
                            && task.key().filter(full -> full.startsWith(key)).isPresent();
                })
                .findFirst();
    }

    /** Step of the newest checkpoint of a task; empty if none was reported. */
    public static Optional<Long> checkpoint(ReconcileInput input, PlannedTask task) {
        return stage(input, task).map(StageStatus::checkpointStep);
    }

    /** True if a stage has failed for good; its Job may have been deleted since. */
    static boolean failed(ReconcileInput input, StageStatus stage) {
        return TaskState.FAILED.is(stage.state()) && sameToken(input);
    }

    /** Fingerprints listed earlier. With another token, data that is not prepared yet is listed again. */
    public static Map<String, String> fingerprints(ReconcileInput input) {
        MoCoExperimentStatus previous = input.previous();
        Map<String, String> known = new LinkedHashMap<>();
        if (previous == null) {
            return known;
        }
        for (RawData data : previous.data()) {
            boolean prepared = previous.stages().stream()
                    .anyMatch(stage -> stage.name().equals(data.name()) && TaskState.SUCCEEDED.is(stage.state()));
            if (prepared || sameToken(input)) {
                known.put(data.name(), data.fingerprint());
            }
        }
        return known;
    }

    /** Run of a task with a current attempt, from the last status. */
    static TaskRun active(ReconcileInput input, Optional<StageStatus> before) {
        boolean counts = sameToken(input);
        return new TaskRun(
                null,
                before.map(StageStatus::pod).orElse(null),
                before.map(StageStatus::startTime).map(Instant::parse).orElse(null),
                null,
                counts ? before.map(StageStatus::infraFailures).orElse(0) : 0,
                counts ? before.map(StageStatus::userFailures).orElse(0) : 0);
    }

    /** Run of a task that has ended, from the last status. */
    static TaskRun ended(ReconcileInput input, Optional<StageStatus> before) {
        TaskRun active = active(input, before);
        return new TaskRun(
                before.map(StageStatus::job).orElse(null),
                active.pod(),
                active.started(),
                before.map(StageStatus::completionTime).map(Instant::parse).orElse(null),
                active.infraFailures(),
                active.userFailures());
    }

    /**
     * A run of the last status, updated with its Job and pods.
     *
     * @param earlier failures in Jobs that this one continues
     */
    static TaskRun merged(TaskRun before, JobView view, String place, int earlier) {
        Optional<Pod> newest = view.pods().newest();
        // A pending pod is not named, which saves a write of the status.
        boolean named = before.pod() != null
                || newest.filter(pod -> StagePods.startOf(pod).isPresent()).isPresent();
        return new TaskRun(
                place,
                named ? newest.map(pod -> pod.getMetadata().getName()).orElse(before.pod()) : null,
                Stream.concat(Stream.ofNullable(before.started()), view.pods().started().stream())
                        .min(Instant::compareTo)
                        .orElse(null),
                before.ended(),
                view.pods().infraFailures(before.infraFailures(), podOf(view, before)),
                Math.max(before.userFailures(), earlier + view.userFailures()));
    }

    /** Pod of the last status if it was one of this Job, and not of the Job before a retry. */
    private static @Nullable String podOf(JobView view, TaskRun before) {
        String pod = before.pod();
        return pod != null && pod.startsWith(view.job().getMetadata().getName() + "-") ? pod : null;
    }
}
