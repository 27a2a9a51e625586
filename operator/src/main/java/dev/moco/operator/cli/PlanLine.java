package dev.moco.operator.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.moco.artifacts.StepTimes;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.MemoryNeed;
import dev.moco.contract.Printable;
import dev.moco.contract.StageConfig;
import dev.moco.operator.local.Capacity;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Forecast;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
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
        @Nullable String digest,
        @Nullable List<FileEntry> files) {

    /** Line for this machine, with measured step times if there are any. */
    static PlanLine here(
            PlannedTask task, Decision decision, Experiment experiment, Capacity capacity, StepTimes times) {
        Optional<StageConfig> left = left(task);
        OptionalDouble ofStep = left.map(config -> times.seconds(config, capacity.threads(config)))
                .orElse(OptionalDouble.empty());
        return of(
                task,
                decision,
                display(task.state()),
                task.reason(),
                left.map(config -> MemoryNeed.of(config, capacity.setting(task, decision, experiment)))
                        .orElse(null),
                ofStep);
    }

    /**
     * Creates a line.
     *
     * @param memory memory that it needs; null once it is done
     */
    static PlanLine of(
            PlannedTask task,
            Decision decision,
            String state,
            String reason,
            @Nullable MemoryNeed memory,
            OptionalDouble ofStep) {
        OptionalLong steps = left(task).isPresent() ? Forecast.steps(task, decision) : OptionalLong.empty();
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
                steps.isPresent() && ofStep.isPresent() ? steps.getAsLong() * ofStep.getAsDouble() : null,
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
