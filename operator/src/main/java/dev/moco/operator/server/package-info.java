/** Starts and stops the operator: leader election, health probes, metrics endpoint. */
@NullMarked
package dev.moco.operator.server;

import org.jspecify.annotations.NullMarked;
