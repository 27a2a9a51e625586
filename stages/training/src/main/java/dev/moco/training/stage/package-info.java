/** Execution of stage programs: task, inputs, checkpoints, progress and commit. */
@NullMarked
package dev.moco.training.stage;

import org.jspecify.annotations.NullMarked;
