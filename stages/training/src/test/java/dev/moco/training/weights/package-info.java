@NullMarked
package dev.moco.training.weights;

import org.jspecify.annotations.NullMarked;
