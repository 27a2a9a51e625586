package dev.moco.operator.report;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster shows of one task.
 *
 * @param phase where its Job is
 * @param job its Job; with its namespace where that is another
 * @param pod the newest of its pods
 * @param started when its first pod ran
 * @param ended when it ended
 * @param infraFailures pods that were replaced at no fault of theirs
 * @param userFailures pods that failed by themselves
 * @param note for a person: the scheduler's words, an image that cannot be had, whose Job it is; null if all is as usual
 */
public record TaskRun(
        Phase phase,
        @Nullable String job,
        @Nullable String pod,
        @Nullable Instant started,
        @Nullable Instant ended,
        int infraFailures,
        int userFailures,
        @Nullable String note) {
    /** Note of a task that no pod runs yet, though nothing is wrong. */
    public static final String STARTING = "is starting";

    /** A task that was never tried. */
    public static final TaskRun NEW = new TaskRun(Phase.NONE, null, null, null, null, 0, 0, null);

    /** The same with a Job that has no pod yet. */
    public TaskRun starting(String newJob) {
        return new TaskRun(Phase.PENDING, newJob, null, started, null, infraFailures, userFailures, STARTING);
    }

    /** The same whose Job the cluster does not take: a quota, or an admission policy. */
    public TaskRun refused(String why) {
        return new TaskRun(
                Phase.PENDING, null, null, started, null, infraFailures, userFailures, "its Job is refused: " + why);
    }

    /** Where a Job is. */
    public enum Phase {
        /** There is none, or none any more. */
        NONE,
        /** No pod of it runs. */
        PENDING,
        RUNNING,
        /** It is being deleted. */
        STOPPING,
        ENDED
    }
}
