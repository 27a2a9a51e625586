package dev.moco.training.prepare;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.StoredParts;
import dev.moco.contract.Stage;
import java.nio.file.Path;

/** Parts of an artifact in a folder, none at first. */
final class EmptyParts {
    private EmptyParts() {}

    static StoredParts in(Path folder) {
        return new ArtifactStore(EmbeddedS3.folder(folder)).parts(Stage.PREPARE, "0".repeat(64));
    }
}
