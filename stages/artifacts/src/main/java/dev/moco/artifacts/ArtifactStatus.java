package dev.moco.artifacts;

import dev.moco.contract.Manifest;

/** State of the artifact under a stage's key. */
public sealed interface ArtifactStatus {
    ArtifactStatus ABSENT = new Absent();

    /** This status without the files of its manifest, for a process that has many in memory. */
    ArtifactStatus withoutFiles();

    /** No manifest. */
    record Absent() implements ArtifactStatus {
        @Override
        public ArtifactStatus withoutFiles() {
            return this;
        }
    }

    /** A manifest, and every file that it lists. */
    record Intact(Manifest manifest) implements ArtifactStatus {
        @Override
        public ArtifactStatus withoutFiles() {
            return new Intact(manifest.withoutFiles());
        }
    }

    /** An artifact that cannot be read: its manifest is invalid, or a file is missing or has another size. */
    record Damaged(String reason) implements ArtifactStatus {
        @Override
        public ArtifactStatus withoutFiles() {
            return this;
        }
    }
}
