/** Tests of the archive. */
@NullMarked
package dev.moco.release;

import org.jspecify.annotations.NullMarked;
