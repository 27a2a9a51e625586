package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.EncoderArguments;

/**
 * Encodes a process's part of the batch by groups, each with batch statistics of its own, and takes the gradient once the loss
 * of the whole batch is known (see {@code grouped.py}). The result does not depend on how many groups run at once, nor on how
 * the groups are divided among processes.
 */
public final class GroupEncoder {
    private final TorchProgram program;
    private final EncoderArguments encoder;
    private final RankThreads threads;
    private final int groups;
    private final boolean first;

    /**
     * An encoder of one process.
     *
     * @param program has the functions of {@code grouped.py}
     * @param groups number of groups of the process's part
     * @param first true if the part begins the batch; the running statistics are those of the batch's first group
     */
    public GroupEncoder(
            TorchProgram program, EncoderArguments encoder, RankThreads threads, int groups, boolean first) {
        this.program = program;
        this.encoder = encoder;
        this.threads = threads;
        this.groups = groups;
        this.first = first;
    }

    /** Returns the outputs of the head, N x D, and updates the running statistics. */
    public NDArray encode(NDManager scope, TrainedEncoder state, NDArray images) {
        NDArray dropped = copy(scope, state.statistics());
        NDList parts = new NDList();
        threads.forEachRank(
                        groups,
                        group -> program.call(
                                scope,
                                "encode_group",
                                encoder.of(state.parameters(), first && group == 0 ? state.statistics() : dropped),
                                slice(scope, images, group)))
                .forEach(parts::addAll);
        return program.call(scope, "concatenate", parts).singletonOrThrow();
    }

    /**
     * Adds the gradient of the parameters.
     *
     * @param images those that were encoded
     * @param outputGradient gradient of what {@link #encode} returned
     * @param gradient receives the sum over all groups
     */
    public void backward(
            NDManager scope, TrainedEncoder state, NDArray images, NDArray outputGradient, NDArray gradient) {
        NDArray dropped = copy(scope, state.statistics());
        threads.forEachRank(
                groups,
                group -> {
                    NDArray sum = threads.count() == 1 ? gradient : zeros(scope, gradient);
                    program.callWithGradients(
                            scope,
                            "encode_group_backward",
                            encoder.of(state.parameters(), dropped),
                            sum,
                            slice(scope, images, group),
                            slice(scope, outputGradient, group));
                    return sum;
                },
                sum -> {
                    if (threads.count() > 1) {
                        program.call(scope, "add_gradient", gradient, sum);
                        sum.close();
                    }
                });
    }

    private NDArray slice(NDManager scope, NDArray batch, int group) {
        long share = batch.getShape().get(0) / groups;
        NDArray slice = batch.get(new NDIndex().addSliceDim(group * share, (group + 1) * share));
        slice.attach(scope);
        return slice;
    }

    /** Running statistics that groups update in place of those that are kept. */
    private static NDArray copy(NDManager scope, NDArray statistics) {
        NDArray copy = statistics.duplicate();
        copy.attach(scope);
        return copy;
    }

    private static NDArray zeros(NDManager scope, NDArray like) {
        NDArray zeros = like.zerosLike();
        zeros.attach(scope);
        return zeros;
    }
}
