/** Files of float32 weights: safetensors, and bare arrays for checkpoints. */
@NullMarked
package dev.moco.training.weights;

import org.jspecify.annotations.NullMarked;
