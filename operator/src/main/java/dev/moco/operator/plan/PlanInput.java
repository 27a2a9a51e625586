package dev.moco.operator.plan;

import dev.moco.contract.Manifest;
import java.util.Map;

/**
 * What is known of the world.
 *
 * @param fingerprints of the raw data, by the task that prepares it
 * @param committed intact manifests by key
 * @param damaged what is wrong with a committed artifact, by key
 * @param attempts by task
 */
public record PlanInput(
        Map<String, String> fingerprints,
        Map<String, Manifest> committed,
        Map<String, String> damaged,
        Map<String, Attempts> attempts) {
    public PlanInput {
        fingerprints = Map.copyOf(fingerprints);
        committed = Map.copyOf(committed);
        damaged = Map.copyOf(damaged);
        attempts = Map.copyOf(attempts);
    }
}
