package dev.moco.operator.plan;

import dev.moco.contract.ArtifactRef;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageConfig;
import dev.moco.contract.Task;
import java.util.Map;
import java.util.Optional;

/**
 * A task with its state.
 *
 * @param task task
 * @param config configuration; empty while its raw data is not listed
 * @param key its key; empty until all its inputs are committed
 * @param inputs committed inputs by role
 * @param state state
 * @param reason reason of the state, for a person
 * @param manifest its commit, if it has one
 */
public record PlannedTask(
        Task task,
        Optional<StageConfig> config,
        Optional<String> key,
        Map<String, ArtifactRef> inputs,
        TaskState state,
        String reason,
        Optional<Manifest> manifest) {
    public PlannedTask {
        inputs = Map.copyOf(inputs);
    }

    /** This task in another state. */
    public PlannedTask withState(TaskState newState, String newReason) {
        return new PlannedTask(task, config, key, inputs, newState, newReason, manifest);
    }
}
