package dev.moco.operator.plan;

/**
 * States of a task, in the plan and in the status.
 *
 * <p>The plan gives every state but the two that a person asks for: {@link #SUSPENDED} and {@link #CANCELED} replace it in
 * the status.
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
    /** Held back by {@code spec.suspend}. */
    SUSPENDED("Suspended"),
    /** Given up by {@code spec.cancel}. */
    CANCELED("Canceled"),
    /** Committed. */
    SUCCEEDED("Succeeded"),
    /** No retry will help, or none is left; or an input failed so. */
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

    /** True while an attempt is under way. */
    public boolean active() {
        return this == PENDING || this == RUNNING || this == STOPPING;
    }

    /** True if time alone changes nothing more. */
    public boolean terminal() {
        return this == SUCCEEDED || this == FAILED || this == CANCELED;
    }

    /** Returns whether a status' field {@code state} has a terminal value. */
    public static boolean isTerminal(String state) {
        return SUCCEEDED.is(state) || FAILED.is(state) || CANCELED.is(state);
    }
}
