/**
 * Polls artifact stores beside the reconcile loop, with one poller for each experiment, and one client and backoff for each
 * store. {@link dev.moco.operator.storage.ReportLogs} reads the logs of committed tasks for reports.
 */
@NullMarked
package dev.moco.operator.storage;

import org.jspecify.annotations.NullMarked;
