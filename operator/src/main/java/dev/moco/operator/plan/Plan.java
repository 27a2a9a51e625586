package dev.moco.operator.plan;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.KnnConfig;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.Manifest;
import dev.moco.contract.SourceConfig;
import dev.moco.contract.Stage;
import dev.moco.contract.StageConfig;
import dev.moco.contract.Task;
import dev.moco.contract.Termination;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The plan of an experiment: its tasks, their keys, and the one decision function of every driver. */
public final class Plan {
    private static final Duration BACK_OFF = Duration.ofSeconds(5);

    private Plan() {}

    /** Configuration of a task; empty while the fingerprint of its raw data is unknown. */
    static Optional<StageConfig> config(Task task, Map<String, String> fingerprints) {
        return task.config() instanceof SourceConfig source
                ? Optional.ofNullable(fingerprints.get(task.name())).map(source::withSourceFingerprint)
                : Optional.of(task.config());
    }

    /** Monitor of a task that pre-trains, and settings of one that computes the same of a finished encoder. */
    public static Optional<KnnMonitor> knn(Experiment experiment, Task task) {
        if (task.config() instanceof KnnConfig config) {
            return Optional.of(config.monitor());
        }
        return task.stage() == Stage.PRETRAIN ? Optional.of(experiment.knn()) : Optional.empty();
    }

    /** Decides the state of every task. */
    public static Decision decide(Experiment experiment, PlanInput input, Instant now) {
        Map<String, PlannedTask> planned = new LinkedHashMap<>();
        for (Task task : experiment.tasks()) {
            planned.put(task.name(), plan(task, planned, input, now));
        }
        int exitCode = planned.values().stream()
                .filter(task -> task.state() == TaskState.FAILED)
                .map(task -> input.attempts()
                        .getOrDefault(task.task().name(), Attempts.NONE)
                        .last())
                .filter(last -> last != null)
                .mapToInt(Plan::exitCode)
                .findFirst()
                .orElse(ExitCode.DONE);
        return new Decision(List.copyOf(planned.values()), exitCode);
    }

    /** Exit code of a failed task; success without a commit is a fault. */
    private static int exitCode(Termination last) {
        return last.exitCode() == ExitCode.DONE || last.exitCode() == ExitCode.INTERRUPTED
                ? ExitCode.FAULT
                : last.exitCode();
    }

    private static PlannedTask plan(Task task, Map<String, PlannedTask> before, PlanInput input, Instant now) {
        Optional<StageConfig> config = config(task, input.fingerprints());
        Map<String, ArtifactRef> inputs = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        task.inputs().entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(role -> {
            PlannedTask maker = before.get(role.getValue());
            if (maker != null && maker.manifest().isPresent()) {
                inputs.put(role.getKey(), maker.manifest().get().ref());
            } else {
                missing.add(role.getValue());
                if (maker != null && maker.state() == TaskState.FAILED) {
                    failed.add(role.getValue());
                }
            }
        });
        if (!failed.isEmpty()) {
            String reason = "needs " + String.join(" and ", failed) + ", which failed";
            return new PlannedTask(task, config, Optional.empty(), inputs, TaskState.FAILED, reason, Optional.empty());
        }
        if (!missing.isEmpty()) {
            String reason = "needs " + String.join(" and ", missing) + "; its key is known after that";
            return new PlannedTask(task, config, Optional.empty(), inputs, TaskState.BLOCKED, reason, Optional.empty());
        }
        if (config.isEmpty()) {
            String reason = "its source is not listed yet";
            return new PlannedTask(task, config, Optional.empty(), inputs, TaskState.BLOCKED, reason, Optional.empty());
        }
        return withKey(task, config.get(), inputs, input, now);
    }

    private static PlannedTask withKey(
            Task task, StageConfig config, Map<String, ArtifactRef> inputs, PlanInput input, Instant now) {
        @Nullable String kept = input.keys().get(task.name());
        String key = kept != null ? kept : ArtifactKey.of(config, inputs);
        Attempts attempts = input.attempts().getOrDefault(task.name(), Attempts.NONE);
        Manifest manifest = input.committed().get(key);
        TaskState state;
        String reason;
        if (manifest != null) {
            state = TaskState.SUCCEEDED;
            reason = attempts.last() == null ? "committed earlier" : "committed";
        } else {
            state = attempts.verdict().orElseGet(() -> afterAttempts(attempts, now));
            reason = state.active()
                    ? attempts.note()
                    : reason(
                            attempts, state, Optional.ofNullable(input.damaged().get(key)));
        }
        return new PlannedTask(
                task, Optional.of(config), Optional.of(key), inputs, state, reason, Optional.ofNullable(manifest));
    }

    private static TaskState afterAttempts(Attempts attempts, Instant now) {
        Termination last = attempts.last();
        if (last == null || last.exitCode() == ExitCode.INTERRUPTED) {
            return TaskState.READY;
        }
        if (last.exitCode() == ExitCode.BAD_DATA
                || last.exitCode() == ExitCode.BAD_CONFIG
                || attempts.faults() > Task.RETRIES) {
            return TaskState.FAILED;
        }
        Instant ended = attempts.ended();
        // 5 s, 10 s, 20 s: long enough for a server to restart.
        Duration wait = BACK_OFF.multipliedBy(1L << Math.max(0, attempts.faults() - 1));
        return ended != null && now.isBefore(ended.plus(wait)) ? TaskState.WAITING : TaskState.READY;
    }

    private static String reason(Attempts attempts, TaskState state, Optional<String> damage) {
        Termination last = attempts.last();
        if (last == null) {
            return damage.map(fault -> "committed, but " + fault + ": runs again")
                    .orElse("no result under its key");
        }
        String message = last.message() != null
                ? last.message()
                : damage.map(fault -> "it committed, but " + fault).orElse("it ended without a commit");
        if (state == TaskState.FAILED) {
            return message;
        }
        return last.exitCode() == ExitCode.INTERRUPTED
                ? "continues after: " + message
                : "retry " + attempts.faults() + " of " + Task.RETRIES + " after: " + message;
    }

    /** Names of tasks in a state. */
    public static String names(Decision decision, TaskState state) {
        return decision.tasks().stream()
                .filter(task -> task.state() == state)
                .map(task -> task.task().name())
                .collect(Collectors.joining(", "));
    }
}
