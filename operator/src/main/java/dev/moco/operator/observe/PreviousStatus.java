package dev.moco.operator.observe;

import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.RawData;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.report.StageState;
import dev.moco.operator.report.TaskRun;
import dev.moco.operator.report.TaskRun.Phase;
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
 * What the last status is believed about: an end that was written, a stage's failure, times and counts that nothing else
 * keeps, and the fingerprints of raw data.
 */
public final class PreviousStatus {
    private PreviousStatus() {}

    /** Whether the experiment has ended, and nobody asked for another try since. */
    public static boolean ended(ReconcileInput scene) {
        MoCoExperimentStatus previous = scene.previous();
        if (previous == null) {
            return false;
        }
        Optional<Condition> end = previous.conditions().stream()
                .filter(is -> is.type().equals("Succeeded") && !is.status().equals("Unknown"))
                .findFirst();
        return end.isPresent()
                && (end.get().status().equals("True")
                        || sameToken(scene)
                        || scene.policy().cancel());
    }

    private static boolean sameToken(ReconcileInput scene) {
        MoCoExperimentStatus previous = scene.previous();
        @Nullable String token = scene.policy().retryToken().orElse(null);
        return previous != null && Objects.equals(previous.retryToken(), token);
    }

    /** The stage of a task, if it was about the same key. */
    static Optional<StageStatus> stage(ReconcileInput scene, PlannedTask task) {
        MoCoExperimentStatus previous = scene.previous();
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

    /** Whether a stage has failed for good: its Job may be gone since. */
    static boolean failed(ReconcileInput scene, StageStatus stage) {
        return StageState.FAILED.of(stage) && sameToken(scene);
    }

    /** Fingerprints listed earlier. Another token asks for a new look at data that is not prepared yet. */
    public static Map<String, String> fingerprints(ReconcileInput scene) {
        MoCoExperimentStatus previous = scene.previous();
        Map<String, String> known = new LinkedHashMap<>();
        if (previous == null) {
            return known;
        }
        for (RawData data : previous.data()) {
            boolean prepared = previous.stages().stream()
                    .anyMatch(stage -> stage.name().equals(data.name()) && StageState.SUCCEEDED.of(stage));
            if (prepared || sameToken(scene)) {
                known.put(data.name(), data.fingerprint());
            }
        }
        return known;
    }

    /** What is remembered of a task's run. */
    static TaskRun run(ReconcileInput scene, Optional<StageStatus> before, Phase phase, @Nullable String note) {
        boolean ended = phase == Phase.ENDED;
        boolean counts = sameToken(scene);
        return new TaskRun(
                phase,
                ended ? before.map(StageStatus::job).orElse(null) : null,
                phase == Phase.NONE ? null : before.map(StageStatus::pod).orElse(null),
                before.map(StageStatus::startTime).map(Instant::parse).orElse(null),
                ended
                        ? before.map(StageStatus::completionTime)
                                .map(Instant::parse)
                                .orElse(null)
                        : null,
                counts ? before.map(StageStatus::infraFailures).orElse(0) : 0,
                counts ? before.map(StageStatus::userFailures).orElse(0) : 0,
                note);
    }

    /** That, with what its Job shows. */
    static TaskRun merged(ReconcileInput scene, TaskRun before, JobView view, String place) {
        Optional<Pod> newest = view.pods().newest();
        // The first pod is named once it runs: until then nobody needs it, and a write is saved.
        boolean named = before.pod() != null
                || newest.filter(pod -> StagePods.startOf(pod).isPresent()).isPresent();
        Instant ended = before.ended();
        return new TaskRun(
                before.phase(),
                place,
                named ? newest.map(pod -> pod.getMetadata().getName()).orElse(before.pod()) : null,
                Stream.concat(Stream.ofNullable(before.started()), view.pods().started().stream())
                        .min(Instant::compareTo)
                        .orElse(null),
                before.phase() != Phase.ENDED || ended != null
                        ? ended
                        : view.ended().orElse(scene.now()),
                view.pods().infraFailures(before.infraFailures(), before.pod()),
                Math.max(before.userFailures(), view.userFailures()),
                before.note());
    }
}
