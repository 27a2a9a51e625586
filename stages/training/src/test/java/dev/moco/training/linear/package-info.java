@NullMarked
package dev.moco.training.linear;

import org.jspecify.annotations.NullMarked;
