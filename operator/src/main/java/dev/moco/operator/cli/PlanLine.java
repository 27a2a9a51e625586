package dev.moco.operator.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.StepTimes;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.MemoryNeed;
import dev.moco.contract.Printable;
import dev.moco.contract.StageConfig;
import dev.moco.operator.local.Capacity;
import dev.moco.operator.local.NearestResult;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Forecast;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A stage of a plan; its files are known once it is committed. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PlanLine(
        String name,
        String stage,
        String state,
        @Nullable String key,
        String reason,
        @Nullable Long memoryMib,
        @Nullable Long gpuMemoryMib,
        @Nullable Long steps,
        @Nullable Double stepSeconds,
        @Nullable Double seconds,
        @Nullable Double gpuHours,
        @Nullable String digest,
        @Nullable List<FileEntry> files) {
    private static final int SECONDS = 3600;

    /**
     * Line for this machine, with measured step times if there are any.
     *
     * @param store where the nearest committed result of a task that runs is found
     */
    static PlanLine here(
            PlannedTask task,
            Decision decision,
            Experiment experiment,
            Capacity capacity,
            StepTimes times,
            ArtifactStore store)
            throws IOException {
        Optional<StageConfig> left = left(task);
        OptionalDouble ofStep = left.map(config -> times.seconds(config, capacity.threads(config)))
                .orElse(OptionalDouble.empty());
        return of(
                task,
                decision,
                display(task.state()),
                reason(task, decision, store),
                left.map(config -> MemoryNeed.of(config, capacity.setting(task, decision, experiment)))
                        .orElse(null),
                ofStep,
                left.map(capacity::gpus).orElse(0));
    }

    /** Its reason; for one without a result also what differs from the nearest one. */
    private static String reason(PlannedTask task, Decision decision, ArtifactStore store) throws IOException {
        Optional<String> nearest =
                task.state() == TaskState.READY && task.manifest().isEmpty()
                        ? NearestResult.of(task, decision, store).map(NearestResult::text)
                        : Optional.empty();
        return task.reason() + nearest.map(text -> "; " + text).orElse("");
    }

    /**
     * Creates a line.
     *
     * @param memory memory that it needs; null once it is done
     * @param gpus GPUs that it takes; 0 on the CPU
     */
    static PlanLine of(
            PlannedTask task,
            Decision decision,
            String state,
            String reason,
            @Nullable MemoryNeed memory,
            OptionalDouble ofStep,
            int gpus) {
        boolean isLeft = left(task).isPresent();
        OptionalLong steps = isLeft ? Forecast.trainingSteps(task, decision) : OptionalLong.empty();
        OptionalLong work = isLeft ? Forecast.steps(task, decision) : OptionalLong.empty();
        Double seconds =
                work.isPresent() && ofStep.isPresent() ? (Double) (work.getAsLong() * ofStep.getAsDouble()) : null;
        return new PlanLine(
                task.task().name(),
                task.task().stage().id(),
                state,
                task.key().orElse(null),
                Printable.line(reason),
                memory == null ? null : (Long) memory.hostMib(),
                memory == null || memory.deviceMib() == 0 ? null : (Long) memory.deviceMib(),
                steps.isPresent() ? steps.getAsLong() : null,
                ofStep.isPresent() ? ofStep.getAsDouble() : null,
                seconds,
                seconds == null || gpus == 0 ? null : (Double) (seconds * gpus / SECONDS),
                task.manifest().map(Manifest::digest).orElse(null),
                task.manifest().map(Manifest::files).orElse(null));
    }

    /** Text of an amount of memory in a table. */
    static String mib(@Nullable Long amount) {
        return amount == null ? "-" : amount + "M";
    }

    /** Configuration of a task that is left to do; empty once it is done. */
    static Optional<StageConfig> left(PlannedTask task) {
        return task.state() == TaskState.SUCCEEDED ? Optional.empty() : task.config();
    }

    static String display(TaskState state) {
        return state == TaskState.SUCCEEDED ? "Hit" : state == TaskState.BLOCKED ? "Blocked" : "Run";
    }
}
