/** Batches of views, prepared ahead of the step that takes them. */
@NullMarked
package dev.moco.training.data.loader;

import org.jspecify.annotations.NullMarked;
