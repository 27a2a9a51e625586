/** The only code that writes to a cluster: a thin reconciler, Jobs, statuses and events. */
@NullMarked
package dev.moco.operator.reconcile;

import org.jspecify.annotations.NullMarked;
