/** Runs an experiment on one machine: the plan of the cluster, with child processes instead of Jobs. */
@NullMarked
package dev.moco.operator.local;

import org.jspecify.annotations.NullMarked;
