package dev.moco.artifacts;

import dev.moco.contract.Manifest;

/** What a look at a stage's key found. */
public sealed interface Found {
    Found NOTHING = new Nothing();

    /** No commit. */
    record Nothing() implements Found {}

    /** A commit whose every file is there. */
    record Intact(Manifest manifest) implements Found {}

    /** A commit that cannot be used, and why. */
    record Damaged(String what) implements Found {}
}
