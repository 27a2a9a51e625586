package dev.moco.localcluster;

import java.time.Instant;

/** Where a container stands. */
sealed interface ContainerState {
    /** Not started, or to be started again. */
    record Waiting(String reason, String message) implements ContainerState {}

    /**
     * Started.
     *
     * @param process what runs; its id for people
     * @param started what the startup probe says
     * @param ready what the readiness probe says
     */
    record Running(String process, Instant startedAt, boolean started, boolean ready) implements ContainerState {}

    /**
     * Ended.
     *
     * @param message the termination message
     */
    record Terminated(
            String process, int exitCode, String reason, String message, Instant startedAt, Instant finishedAt)
            implements ContainerState {}
}
