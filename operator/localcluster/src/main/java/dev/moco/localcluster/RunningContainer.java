package dev.moco.localcluster;

import java.util.concurrent.CompletableFuture;

/** A started container. */
interface RunningContainer {
    /** Id for people, such as {@code process://4711}. */
    String id();

    /** Completes, never exceptionally, when the container has ended. */
    CompletableFuture<ContainerExit> ended();

    /** Sends SIGTERM, or its equivalent. */
    void stop();

    /** Kills the container. */
    void kill();
}
