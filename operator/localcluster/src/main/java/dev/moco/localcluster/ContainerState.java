package dev.moco.localcluster;

import java.time.Instant;

/** State of a container. */
sealed interface ContainerState {
    /** Not started, or to be started again. */
    record Waiting(String reason, String message) implements ContainerState {}

    /**
     * Started.
     *
     * @param process id for people, such as {@code process://4711}
     * @param started true if the startup probe has succeeded
     * @param ready true if the readiness probe succeeds
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
