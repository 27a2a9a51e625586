/** Operations among the processes of a stage, and their launcher (docs/design.md §8). */
@NullMarked
package dev.moco.training.collectives;

import org.jspecify.annotations.NullMarked;
