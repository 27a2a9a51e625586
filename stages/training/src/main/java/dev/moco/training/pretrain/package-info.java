/** Momentum contrast: the step, and the stage around it (docs/method.md §1). */
@NullMarked
package dev.moco.training.pretrain;

import org.jspecify.annotations.NullMarked;
