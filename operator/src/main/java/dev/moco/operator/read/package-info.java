/** From an experiment file to a valid experiment, or to every problem in it at once. */
@NullMarked
package dev.moco.operator.read;

import org.jspecify.annotations.NullMarked;
