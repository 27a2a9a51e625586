/** The command line. */
@NullMarked
package dev.moco.operator.cli;

import org.jspecify.annotations.NullMarked;
