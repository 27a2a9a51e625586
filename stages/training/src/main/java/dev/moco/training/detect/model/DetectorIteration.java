package dev.moco.training.detect.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.detect.model.DetectorProgram.Sgd;
import dev.moco.training.detect.model.DetectorProgram.Targets;
import dev.moco.training.detect.model.DetectorProgram.Trunk;

/** An iteration on the images of this process's ranks. The results do not depend on the number of processes. */
interface DetectorIteration {
    /**
     * Starts an iteration.
     *
     * @param manager gets what the iteration needs
     * @param ownRanks ranks of this process
     * @param momentum weight of the batch in the running statistics
     * @param trains true if {@link #step} follows
     */
    static DetectorIteration start(
            DetectorProgram program,
            NDManager manager,
            DetectorState state,
            Collectives collectives,
            int ownRanks,
            double momentum,
            boolean trains) {
        return collectives.world().size() == 1
                ? new LocalIteration(program, manager, state, momentum, trains)
                : new SharedIteration(program, manager, state, collectives, ownRanks, momentum, trains);
    }

    /** Runs the backbone and the RPN head. */
    Trunk trunk(NDList images);

    /**
     * Computes the losses and their gradients, averaged over the ranks of all processes, and updates parameters and velocity;
     * returns the four losses, means over the ranks. Uses up the trunk's outputs.
     */
    NDArray step(Trunk trunk, Targets targets, double normalizer, Sgd sgd);

    /** Sets the statistics of the batch norms on regions, too; uses up the trunk's outputs. */
    void updateStatistics(Trunk trunk, Targets targets);
}
