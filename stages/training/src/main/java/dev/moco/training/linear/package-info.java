/** Linear classification on frozen features (docs/method.md §2). */
@NullMarked
package dev.moco.training.linear;

import org.jspecify.annotations.NullMarked;
