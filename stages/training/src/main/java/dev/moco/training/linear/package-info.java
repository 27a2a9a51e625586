/** Linear classification on frozen features (RECIPE §2). */
@NullMarked
package dev.moco.training.linear;

import org.jspecify.annotations.NullMarked;
