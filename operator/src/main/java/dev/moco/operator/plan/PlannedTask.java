package dev.moco.operator.plan;

import dev.moco.contract.ArtifactRef;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageConfig;
import java.util.Map;
import java.util.Optional;

/**
 * A task and where it stands.
 *
 * @param task task
 * @param config what it would do; empty while its raw data is unknown
 * @param key its key; empty until all its inputs are committed
 * @param inputs committed inputs by role
 * @param state where it stands
 * @param reason why, in words
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
