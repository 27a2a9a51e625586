/** Polls artifact stores beside the reconcile loop: one poller for each experiment, one client and backoff for each store. */
@NullMarked
package dev.moco.operator.storage;

import org.jspecify.annotations.NullMarked;
