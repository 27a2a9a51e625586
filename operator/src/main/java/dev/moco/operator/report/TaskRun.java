package dev.moco.operator.report;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Job and pods of one task.
 *
 * @param job its Job; with its namespace where that is another
 * @param pod the newest of its pods
 * @param started when its first pod started
 * @param ended when it ended
 * @param infraFailures pods that were replaced for disruptions
 * @param userFailures pods that failed by themselves
 */
public record TaskRun(
        @Nullable String job,
        @Nullable String pod,
        @Nullable Instant started,
        @Nullable Instant ended,
        int infraFailures,
        int userFailures) {
    /** Run of a task that was never tried. */
    public static final TaskRun NONE = new TaskRun(null, null, null, null, 0, 0);

    /** This run with another Job, which has no pod yet; null where the cluster refuses it. */
    public TaskRun withJob(@Nullable String newJob) {
        return new TaskRun(newJob, null, started, null, infraFailures, userFailures);
    }

    /** This run with its end, unless it has one. */
    public TaskRun withEnd(Instant end) {
        return ended != null ? this : new TaskRun(job, pod, started, end, infraFailures, userFailures);
    }
}
