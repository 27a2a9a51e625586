/** Augmentation: the random parameters of a view are drawn first, then applied. */
@NullMarked
package dev.moco.training.data.augment;

import org.jspecify.annotations.NullMarked;
