/** Metrics of training by epochs, and their way into progress and history. */
@NullMarked
package dev.moco.training.progress;

import org.jspecify.annotations.NullMarked;
