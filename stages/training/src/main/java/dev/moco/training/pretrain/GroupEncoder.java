package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.EncoderArguments;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes the images of a process's ranks by groups, each with batch statistics of its own, and takes the gradient once the
 * loss of the whole batch is known (see {@code grouped.py}). The result does not depend on how many groups run at once, nor on
 * how the ranks are divided among processes.
 */
public final class GroupEncoder {
    private final TorchProgram program;
    private final EncoderArguments encoder;
    private final RankThreads threads;
    private final Collectives collectives;
    private final int ownRanks;
    private final int groupImages;

    /**
     * An encoder of one process.
     *
     * @param program has the functions of {@code grouped.py} and {@code reduction.py}
     * @param ranks ranks of all processes
     * @param groupImages most images of a group; a rank's images are divided into as few groups as can be, whose sizes differ by
     *     at most one
     */
    public GroupEncoder(
            TorchProgram program,
            EncoderArguments encoder,
            RankThreads threads,
            Collectives collectives,
            int ranks,
            int groupImages) {
        this.program = program;
        this.encoder = encoder;
        this.threads = threads;
        this.collectives = collectives;
        this.ownRanks = collectives.world().ranks(ranks);
        this.groupImages = groupImages;
    }

    /** Rows of a group within the images of the process. */
    private record GroupRows(long from, long to) {
        NDArray of(NDManager scope, NDArray batch) {
            NDArray slice = batch.get(new NDIndex().addSliceDim(from, to));
            slice.attach(scope);
            return slice;
        }
    }

    /** The groups of all ranks in order, as many for each. */
    private List<GroupRows> groups(NDArray images) {
        long ofRank = World.perRank(images.getShape().get(0), ownRanks);
        long perRank = (ofRank + groupImages - 1) / groupImages;
        List<GroupRows> groups = new ArrayList<>();
        for (int rank = 0; rank < ownRanks; rank++) {
            for (long group = 0; group < perRank; group++) {
                groups.add(new GroupRows(
                        rank * ofRank + group * ofRank / perRank, rank * ofRank + (group + 1) * ofRank / perRank));
            }
        }
        return groups;
    }

    /** Returns the outputs of the head, N x D, and updates the running statistics: those of the batch's first group. */
    public NDArray encode(NDManager scope, TrainedEncoder state, NDArray images) {
        NDArray dropped = copy(scope, state.statistics());
        boolean keeps = collectives.world().index() == 0;
        List<GroupRows> groups = groups(images);
        NDList parts = new NDList();
        threads.forEachRank(
                        groups.size(),
                        group -> program.call(
                                scope,
                                "encode_group",
                                encoder.of(state.parameters(), keeps && group == 0 ? state.statistics() : dropped),
                                groups.get(group).of(scope, images)))
                .forEach(parts::addAll);
        return program.call(scope, "concatenate", parts).singletonOrThrow();
    }

    /**
     * Writes the gradient of the parameters.
     *
     * @param images those that were encoded
     * @param outputGradient gradient of what {@link #encode} returned
     * @param gradient receives the sum over the ranks of all processes
     */
    public void backward(
            NDManager scope, TrainedEncoder state, NDArray images, NDArray outputGradient, NDArray gradient) {
        NDArray dropped = copy(scope, state.statistics());
        List<GroupRows> groups = groups(images);
        int perRank = groups.size() / ownRanks;
        RankGradients ranks = new RankGradients(program, scope, collectives, gradient);
        boolean sideBySide = threads.count() > 1;
        int[] done = {0};
        threads.forEachRank(
                groups.size(),
                group -> {
                    NDArray sum = sideBySide ? ranks.zeros() : ranks.ofRank();
                    program.callWithGradients(
                            scope,
                            "encode_group_backward",
                            encoder.of(state.parameters(), dropped),
                            sum,
                            groups.get(group).of(scope, images),
                            groups.get(group).of(scope, outputGradient));
                    return sum;
                },
                sum -> {
                    if (sideBySide) {
                        ranks.add(sum);
                    }
                    done[0]++;
                    if (done[0] % perRank == 0) {
                        ranks.endRank();
                    }
                });
        ranks.sum();
    }

    /** Running statistics that groups update in place of those that are kept. */
    private static NDArray copy(NDManager scope, NDArray statistics) {
        NDArray copy = statistics.duplicate();
        copy.attach(scope);
        return copy;
    }
}
