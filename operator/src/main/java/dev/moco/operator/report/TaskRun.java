package dev.moco.operator.report;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster shows of one task.
 *
 * @param job its Job
 * @param pod the newest of its pods
 * @param started when its first pod ran
 * @param completed when it ended
 * @param infraFailures pods that were replaced at no fault of theirs
 * @param userFailures pods that failed
 * @param waiting why no pod of it runs: the scheduler's words, an image that cannot be had, a queue
 * @param stopping whether its Job is being deleted
 */
public record TaskRun(
        @Nullable String job,
        @Nullable String pod,
        @Nullable Instant started,
        @Nullable Instant completed,
        int infraFailures,
        int userFailures,
        @Nullable String waiting,
        boolean stopping) {}
