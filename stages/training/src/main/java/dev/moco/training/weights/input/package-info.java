/** Bytes of files that nobody vouches for, and the refusal of what does not follow the rules (docs/design.md §8). */
@NullMarked
package dev.moco.training.weights.input;

import org.jspecify.annotations.NullMarked;
