package dev.moco.operator.observe;

import dev.moco.contract.Stage;

/**
 * Query at the store for the manifest of a key.
 *
 * @param stage stage
 * @param key its key
 * @param version version of the key when the query was made, see {@link KeyVersion}
 */
public record ManifestQuery(Stage stage, String key, String version) {}
