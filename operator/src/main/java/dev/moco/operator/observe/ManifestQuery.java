package dev.moco.operator.observe;

import dev.moco.contract.Stage;

/**
 * A look at the store that a turn is waiting for.
 *
 * @param stage stage
 * @param key its key
 * @param mark what the cluster showed of the key when the look was asked for: once a Job has ended or is gone, what was
 *     seen before says nothing about its commit
 */
public record ManifestQuery(Stage stage, String key, String mark) {}
