package dev.moco.operator.plan;

/**
 * States of a task, in the plan and in the status.
 *
 * <p>The plan uses every state except {@link #SUSPENDED} and {@link #CANCELED}, which a user requests. These
 * two replace the planned state in the status.
 */
public enum TaskState {
    /** An input is not committed yet. */
    BLOCKED("Blocked"),
    /** May start now. */
    READY("Ready"),
    /** Its Job exists, or is being created; no pod of it runs. */
    PENDING("Pending"),
    RUNNING("Running"),
    /** Its Job is being deleted. */
    STOPPING("Stopping"),
    /** A retry is due later. */
    WAITING("Waiting"),
    /** Stopped by {@code spec.suspend}. */
    SUSPENDED("Suspended"),
    /** Ended by {@code spec.cancel}. */
    CANCELED("Canceled"),
    /** Committed. */
    SUCCEEDED("Succeeded"),
    /** Not retried, or no retry is left, or an input has failed. */
    FAILED("Failed");

    private final String text;

    TaskState(String text) {
        this.text = text;
    }

    /** Value of the field {@code state} in a status. */
    public String text() {
        return text;
    }

    /** Returns whether a status' field {@code state} has this value. */
    public boolean is(String state) {
        return text.equals(state);
    }

    /** True while an attempt is pending, running or stopping. */
    public boolean active() {
        return this == PENDING || this == RUNNING || this == STOPPING;
    }

    /** True if the task has ended. */
    public boolean terminal() {
        return this == SUCCEEDED || this == FAILED || this == CANCELED;
    }

    /** Returns whether a status' field {@code state} has a terminal value. */
    public static boolean isTerminal(String state) {
        return SUCCEEDED.is(state) || FAILED.is(state) || CANCELED.is(state);
    }
}
