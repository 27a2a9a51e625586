/** Encoders of other programs, read and written: names, shapes and values of a ResNet's tensors (docs/pytorch.md). */
@NullMarked
package dev.moco.training.weights.exchange;

import org.jspecify.annotations.NullMarked;
