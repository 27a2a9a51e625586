package dev.moco.contract;

/**
 * A committed stage as another stage's input.
 *
 * @param stage stage that made it
 * @param key its key
 * @param digest its manifest's {@link Manifest#digest()}: what the reader must find
 */
public record ArtifactRef(Stage stage, String key, String digest) {}
