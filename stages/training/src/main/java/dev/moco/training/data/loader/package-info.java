/** Loaders: batches of views, prepared ahead of the step that uses them. */
@NullMarked
package dev.moco.training.data.loader;

import org.jspecify.annotations.NullMarked;
