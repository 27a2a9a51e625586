/** An experiment on one machine: the cluster's plan, driven by child processes. */
@NullMarked
package dev.moco.operator.local;

import org.jspecify.annotations.NullMarked;
