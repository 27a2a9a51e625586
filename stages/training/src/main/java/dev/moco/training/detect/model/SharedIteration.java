package dev.moco.training.detect.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.detect.model.DetectorProgram.Sgd;
import dev.moco.training.detect.model.DetectorProgram.Targets;
import dev.moco.training.detect.model.DetectorProgram.Trunk;
import java.util.List;
import java.util.function.IntFunction;

/**
 * An iteration on the images of this process's ranks, which several processes run together. All end with the same parameters
 * and statistics, whose bytes are those of {@link LocalIteration} in one process with all ranks.
 */
final class SharedIteration implements DetectorIteration {
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

    /** An iteration; the parameters are those of {@link DetectorIteration#start}. */
    SharedIteration(
            DetectorProgram program,
            NDManager manager,
            DetectorState state,
            Collectives collectives,
            int ownRanks,
            double momentum,
            boolean trains) {
        this.program = program;
        this.manager = manager;
        this.state = state;
        this.collectives = collectives;
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
        this.network = program.network(manager, state, collectives, ranks, momentum, gradients);
    }

    /** Losses of the ranks of all processes, and gradients of a head's inputs, one array for each rank of this process. */
    private record HeadResults(NDArray losses, NDList inputs) {}

    @Override
    public Trunk trunk(NDList images) {
        NDList features = network.trunk(program.packed(manager, images));
        return program.propose(manager, state, features);
    }

    @Override
    public NDArray step(Trunk trunk, Targets targets, double normalizer, Sgd sgd) {
        NDList found = gradient("aligned_regions", trunk.features(), targets.regions(), program.pooler());
        NDList maps = found.subNDList(0, ownRanks);
        NDList aligned = found.subNDList(ownRanks);
        NDList pooled = network.regions(aligned);
        HeadResults ofRegions = head(
                program.places().predictor(),
                i -> gradient(
                        "region_gradients",
                        program.detector(state),
                        pooled.get(i),
                        targets.labels().get(i),
                        targets.foreground().get(i),
                        targets.boxDeltas().get(i),
                        ranks));
        pooled.close();
        NDList ofAligned = network.regionsBackward(ofRegions.inputs());
        HeadResults ofProposals = head(
                program.places().rpn(),
                i -> gradient(
                        "proposal_gradients",
                        program.detector(state),
                        maps.get(i),
                        aligned.get(i),
                        ofAligned.get(i),
                        targets.sampled().get(i),
                        targets.anchorDeltas().get(i),
                        normalizer,
                        ranks));
        List.of(maps, aligned, ofAligned).forEach(NDList::close);
        network.trunkBackward(ofProposals.inputs());
        NDArray gradient = gradients.get(0);
        collectives.sumInOrder(gradients, gradient);
        call("update", program.detector(state), gradient, sgd.arguments());
        return call("means_over_ranks", ofProposals.losses(), ofRegions.losses())
                .singletonOrThrow();
    }

    @Override
    public void updateStatistics(Trunk trunk, Targets targets) {
        NDList aligned = call("align_regions", trunk.features(), targets.regions(), program.pooler());
        trunk.features().close();
        network.regions(aligned).close();
    }

    /**
     * Runs a head backward, and adds the gradients of its parameters, summed over the ranks of all processes, in the first
     * process.
     *
     * @param start first number of the head's parameters
     * @param ofRank losses of a rank and gradients of inputs and parameters
     */
    private HeadResults head(int start, IntFunction<NDList> ofRank) {
        NDList losses = new NDList();
        NDList inputs = new NDList();
        NDList parameters = new NDList();
        for (int i = 0; i < ownRanks; i++) {
            NDList found = ofRank.apply(i);
            losses.add(found.get(0));
            inputs.add(found.get(1));
            parameters.add(found.get(2));
        }
        addSum(parameters, start);
        return new HeadResults(
                collectives.allGather(manager, call("stacked", losses).singletonOrThrow()), inputs);
    }

    /**
     * Adds the sum over the ranks of all processes in the first process, from the last rank to the first as autograd does; closes
     * the addends of this process.
     */
    private void addSum(NDList ofRanks, int start) {
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
    }

    private NDList call(String function, Object... arguments) {
        return program.call(manager, function, arguments);
    }

    private NDList gradient(String function, Object... arguments) {
        return program.callWithGradients(manager, function, arguments);
    }
}
