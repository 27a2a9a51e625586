/**
 * Polls artifact stores beside the reconcile loop, with one poller for each experiment, and one client and backoff for each
 * store. All requests come from one budget, and namespaces take turns on the threads, none with more than a quarter of
 * them. {@link dev.moco.operator.storage.ReportLogs} reads the logs of committed tasks for reports.
 */
@NullMarked
package dev.moco.operator.storage;

import org.jspecify.annotations.NullMarked;
