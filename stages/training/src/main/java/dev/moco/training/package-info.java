/** The stage program, whose argument is the stage to run. */
@NullMarked
package dev.moco.training;

import org.jspecify.annotations.NullMarked;
