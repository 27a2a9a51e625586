package dev.moco.contract;

import java.util.Objects;

/**
 * Reference to a committed artifact, the input of another stage.
 *
 * @param stage stage of the artifact
 * @param key the stage's key
 * @param digest {@link Manifest#digest()} of the artifact; a reader fails if it differs
 */
public record ArtifactRef(Stage stage, String key, String digest) {
    public ArtifactRef {
        Objects.requireNonNull(stage, "stage of an input");
        Bounds.sha256("key of an input", key);
        Bounds.sha256("digest of an input", digest);
    }
}
