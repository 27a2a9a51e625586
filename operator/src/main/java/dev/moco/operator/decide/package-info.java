/** Decides which Jobs to create and stop and which status to write; pure functions of a reconcile input. */
@NullMarked
package dev.moco.operator.decide;

import org.jspecify.annotations.NullMarked;
