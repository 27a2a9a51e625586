/** The stage program: one main, a subcommand a stage. */
@NullMarked
package dev.moco.training;

import org.jspecify.annotations.NullMarked;
