/** Momentum contrast: the step, and the stage around it (RECIPE §1). */
@NullMarked
package dev.moco.training.pretrain;

import org.jspecify.annotations.NullMarked;
