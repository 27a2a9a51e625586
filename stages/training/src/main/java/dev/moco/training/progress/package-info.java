/** Metrics of training, reported as progress and in the history. */
@NullMarked
package dev.moco.training.progress;

import org.jspecify.annotations.NullMarked;
