/** Artifacts in S3: committed last, verified before trust. */
@NullMarked
package dev.moco.artifacts;

import org.jspecify.annotations.NullMarked;
