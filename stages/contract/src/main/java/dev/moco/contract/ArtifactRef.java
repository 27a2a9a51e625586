package dev.moco.contract;

/**
 * Reference to a committed artifact, the input of another stage.
 *
 * @param stage stage of the artifact
 * @param key the stage's key
 * @param digest {@link Manifest#digest()} of the artifact; a reader fails if it differs
 */
public record ArtifactRef(Stage stage, String key, String digest) {}
