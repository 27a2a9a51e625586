/** The only code that writes to a cluster: a thin reconciler, looks at the store beside it, events, metrics and health. */
@NullMarked
package dev.moco.operator.reconcile;

import org.jspecify.annotations.NullMarked;
