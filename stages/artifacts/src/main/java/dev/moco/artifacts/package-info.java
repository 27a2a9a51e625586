/** Artifacts in S3: the manifest is written last, and files are checked against its SHA-256 when they are read. */
@NullMarked
package dev.moco.artifacts;

import org.jspecify.annotations.NullMarked;
