package dev.moco.training.collectives;

import java.io.IOException;
import java.util.Optional;

/** Means by which the launcher of a node finds those of the others. */
public interface Meeting {
    /**
     * Waits for the pods of all nodes.
     *
     * @param port port of this node's first process, which has joined, as all of this node have
     * @return the first process of the next node; empty if the stage is committed already
     */
    Optional<Next> with(int port) throws IOException, InterruptedException;

    /** Waits until a pod that was met has a successor, since it is lost: a process that waits for a GPU does not notice. */
    void awaitSuccessor() throws InterruptedException;
}
