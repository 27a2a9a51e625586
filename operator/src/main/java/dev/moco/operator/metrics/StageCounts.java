package dev.moco.operator.metrics;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts commits, hits and failures of stages between two successive statuses. */
public final class StageCounts {
    private final OperatorMetrics metrics;

    public StageCounts(OperatorMetrics metrics) {
        this.metrics = metrics;
    }

    public void count(@Nullable MoCoExperimentStatus previous, MoCoExperimentStatus next, Optional<Decision> decision) {
        Map<String, StageStatus> before = previous == null
                ? Map.of()
                : previous.stages().stream().collect(Collectors.toMap(StageStatus::name, Function.identity()));
        for (StageStatus stage : next.stages()) {
            StageStatus was = before.get(stage.name());
            String state = was == null ? "" : was.state();
            countFailures("infrastructure", stage, was == null ? 0 : was.infraFailures(), stage.infraFailures());
            countFailures("fault", stage, was == null ? 0 : was.userFailures(), stage.userFailures());
            if (TaskState.SUCCEEDED.is(stage.state()) && !TaskState.SUCCEEDED.is(state)) {
                succeeded(stage, decision);
            } else if (TaskState.FAILED.is(stage.state()) && !TaskState.FAILED.is(state) && stage.job() != null) {
                metrics.stageFailed(stage.stage(), kind(decision), 1);
            }
        }
    }

    private void countFailures(String kind, StageStatus stage, int before, int now) {
        if (now > before) {
            metrics.stageFailed(stage.stage(), kind, now - before);
        }
    }

    private void succeeded(StageStatus stage, Optional<Decision> decision) {
        if (stage.startTime() == null || stage.completionTime() == null) {
            metrics.stageHit(stage.stage());
            return;
        }
        Duration time = Duration.between(Instant.parse(stage.startTime()), Instant.parse(stage.completionTime()));
        double acceleratorSeconds = decision.stream()
                .flatMap(all -> all.tasks().stream())
                .filter(task -> task.task().name().equals(stage.name()))
                .map(PlannedTask::manifest)
                .flatMap(Optional::stream)
                .map(Manifest::provenance)
                .mapToDouble(made -> made.gpuSeconds())
                .findFirst()
                .orElse(0);
        metrics.stageCommitted(stage.stage(), time.toMillis() / 1000.0, acceleratorSeconds);
    }

    private static String kind(Optional<Decision> decision) {
        return switch (decision.map(Decision::exitCode).orElse(ExitCode.FAULT)) {
            case ExitCode.BAD_DATA -> "data";
            case ExitCode.BAD_CONFIG -> "configuration";
            default -> "exhausted";
        };
    }
}
