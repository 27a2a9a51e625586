package dev.moco.training.detect.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.detect.model.DetectorProgram.Sgd;
import dev.moco.training.detect.model.DetectorProgram.Targets;
import dev.moco.training.detect.model.DetectorProgram.Trunk;
import java.util.List;

/**
 * An iteration on the images of this process's ranks, which all processes run together. All end with the same parameters and
 * statistics, whose bytes do not depend on the number of processes.
 */
final class DetectorIteration {
    /** Numbers of the heads' gradients that are gathered at a time. */
    private static final int PART = 1 << 20;

    private final DetectorProgram program;
    private final NDManager manager;
    private final DetectorState state;
    private final Collectives collectives;
    private final int ownRanks;
    private final int ranks;
    private final NDList gradients = new NDList();
    private final RankResNet network;

    /**
     * An iteration.
     *
     * @param manager gets what the iteration needs
     * @param ownRanks ranks of this process
     * @param momentum weight of the batch in the running statistics
     * @param trains true if {@link #step} follows
     */
    DetectorIteration(
            DetectorProgram program,
            NDManager manager,
            DetectorState state,
            int ownRanks,
            double momentum,
            boolean trains) {
        this.program = program;
        this.manager = manager;
        this.state = state;
        this.collectives = program.collectives();
        this.ownRanks = ownRanks;
        this.ranks = ownRanks * collectives.world().size();
        // The first process sums its ranks as it goes; those of the others are added to the sum of the ranks before
        // them.
        int buffers = !trains ? 0 : collectives.world().index() == 0 ? 1 : ownRanks;
        for (int i = 0; i < buffers; i++) {
            NDArray buffer = state.parameters().zerosLike();
            buffer.attach(manager);
            gradients.add(buffer);
        }
        this.network = program.network(manager, state, ranks, momentum, gradients);
    }

    /** Losses of each rank, and gradients of a head's inputs and of its parameters, one array for each rank. */
    private record HeadGradients(NDArray losses, NDList inputs, NDList parameters) {
        static HeadGradients of(NDList found, int ranks) {
            return new HeadGradients(found.get(0), found.subNDList(1, 1 + ranks), found.subNDList(1 + ranks));
        }
    }

    /** Runs the backbone and the RPN head. */
    Trunk trunk(NDList images) {
        NDList features = network.trunk(program.packed(manager, images));
        return program.propose(manager, state, features);
    }

    /**
     * Computes the losses and their gradients, averaged over the ranks of all processes, and updates parameters and velocity;
     * returns the four losses, means over the ranks. Uses up the trunk's outputs.
     */
    NDArray step(Trunk trunk, Targets targets, double normalizer, Sgd sgd) {
        NDList found = gradient("aligned_regions", trunk.features(), targets.regions(), program.pooler());
        NDList maps = found.subNDList(0, ownRanks);
        NDList aligned = found.subNDList(ownRanks);
        NDList pooled = network.regions(aligned);
        HeadGradients ofRegions = HeadGradients.of(
                gradient(
                        "region_gradients",
                        program.detector(state),
                        pooled,
                        List.of(targets.regions(), targets.labels(), targets.foreground(), targets.boxDeltas()),
                        ranks),
                ownRanks);
        pooled.close();
        NDList ofAligned = network.regionsBackward(ofRegions.inputs());
        HeadGradients ofProposals = HeadGradients.of(
                gradient(
                        "proposal_gradients",
                        program.detector(state),
                        maps,
                        aligned,
                        ofAligned,
                        List.of(targets.sampled(), targets.anchorDeltas()),
                        normalizer,
                        ranks),
                ownRanks);
        List.of(maps, aligned, ofAligned).forEach(NDList::close);
        network.trunkBackward(ofProposals.inputs());
        int predictor = addHead(ofProposals.parameters(), program.places().heads());
        addHead(ofRegions.parameters(), predictor);
        NDArray gradient = gradients.get(0);
        collectives.sumInOrder(gradients, gradient);
        call("update", program.detector(state), gradient, sgd.arguments());
        return call("mean_losses", gathered(ofProposals.losses()), gathered(ofRegions.losses()))
                .singletonOrThrow();
    }

    /** Sets the statistics of the batch norms on regions, too; uses up the trunk's outputs. */
    void updateStatistics(Trunk trunk, Targets targets) {
        NDList aligned = call("align_regions", trunk.features(), targets.regions(), program.pooler());
        trunk.features().close();
        network.regions(aligned).close();
    }

    /**
     * Adds the gradients of a head, summed over the ranks of all processes, in the first process; closes them.
     *
     * @param ofRanks flat gradients by each rank of this process
     * @param start first number of the head's parameters
     * @return the number after the last of them
     */
    private int addHead(NDList ofRanks, int start) {
        int length = Math.toIntExact(ofRanks.get(0).size());
        for (int from = 0; from < length; from += PART) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray part = program.call(scope, "part_of_each", ofRanks, from, Math.min(PART, length - from))
                        .singletonOrThrow();
                NDArray all = collectives.allGather(scope, part);
                if (collectives.world().writes()) {
                    program.call(scope, "add_from_last", gradients.get(0), start + from, all);
                }
            }
        }
        ofRanks.close();
        return start + length;
    }

    private NDArray gathered(NDArray ofRanks) {
        return collectives.allGather(manager, ofRanks);
    }

    private NDList call(String function, Object... arguments) {
        return program.call(manager, function, arguments);
    }

    private NDList gradient(String function, Object... arguments) {
        return program.callWithGradients(manager, function, arguments);
    }
}
