/** Reads a resource or a file into a valid experiment and its policy, or reports every problem in it at once. */
@NullMarked
package dev.moco.operator.spec;

import org.jspecify.annotations.NullMarked;
