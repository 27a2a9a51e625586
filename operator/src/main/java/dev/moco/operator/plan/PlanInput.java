package dev.moco.operator.plan;

import dev.moco.contract.Manifest;
import java.util.Map;

/**
 * Observations that a plan is decided on.
 *
 * @param fingerprints fingerprints of the raw data, by the task that prepares it
 * @param committed intact manifests by key
 * @param damaged fault of each damaged artifact, by key
 * @param attempts attempts by task
 * @param keys keys that tasks keep, by task, since their Jobs were made with them; all others are computed
 */
public record PlanInput(
        Map<String, String> fingerprints,
        Map<String, Manifest> committed,
        Map<String, String> damaged,
        Map<String, Attempts> attempts,
        Map<String, String> keys) {
    public PlanInput {
        fingerprints = Map.copyOf(fingerprints);
        committed = Map.copyOf(committed);
        damaged = Map.copyOf(damaged);
        attempts = Map.copyOf(attempts);
        keys = Map.copyOf(keys);
    }

    /** Input without Jobs, where every key is computed. */
    public PlanInput(
            Map<String, String> fingerprints,
            Map<String, Manifest> committed,
            Map<String, String> damaged,
            Map<String, Attempts> attempts) {
        this(fingerprints, committed, damaged, attempts, Map.of());
    }
}
