package dev.moco.localcluster;

import java.util.concurrent.CompletableFuture;

/** What a started container is: a process, or a fake of one. */
interface RunningContainer {
    /** Its id for people, such as {@code process://4711}. */
    String id();

    /** Completes when it has ended, never exceptionally. */
    CompletableFuture<Ended> ended();

    /** Asks it to end. */
    void stop();

    /** Ends it. */
    void kill();
}
