/** What every stage program shares: its task, its inputs, checkpoints, progress, and its end. */
@NullMarked
package dev.moco.training.stage;

import org.jspecify.annotations.NullMarked;
