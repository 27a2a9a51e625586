package dev.moco.training.pretrain.supervised;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.moco.contract.Precision;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.GroupEncoder;
import dev.moco.training.pretrain.StepAgreement;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.Update;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The step of supervised training, as torchvision's reference has it: cross-entropy of class scores, which the network's head
 * gives, and SGD over all parameters. Nothing is gathered; batch statistics are those of each group.
 */
public final class Supervised implements AutoCloseable {
    /** Files of every step. */
    static final List<String> PROGRAM = List.of(
            "/dev/moco/training/pretrain/grouped.py",
            "/dev/moco/training/pretrain/reduction.py",
            "/dev/moco/training/pretrain/supervised/cross_entropy.py",
            Update.SGD_PROGRAM);

    private final TorchProgram program;
    private final SupervisedSettings settings;
    private final Collectives collectives;
    private final GroupEncoder encoder;
    private final Update update;
    private final TrainedEncoder state;
    private final NDArray gradient;

    /**
     * Settings of a step.
     *
     * @param ranks equal parts of the batch; a rank's loss is the mean over its images
     * @param groupImages images that share batch statistics; a rank's images are as many groups as they need
     * @param momentum momentum of SGD
     * @param weightDecay weight decay of every parameter, batch norms and biases included
     * @param precision type that the network computes in
     */
    public record SupervisedSettings(
            int ranks, int groupImages, double momentum, double weightDecay, Precision precision) {}

    /**
     * Starts at a state.
     *
     * @param program compiled from {@link #PROGRAM}; closed with this
     * @param layout network with one linear layer as head, whose outputs are class scores
     */
    public Supervised(
            TorchProgram program,
            EncoderLayout layout,
            SupervisedSettings settings,
            TrainedEncoder state,
            RankThreads threads,
            Collectives collectives) {
        this.program = program;
        this.settings = settings;
        this.collectives = collectives;
        this.encoder = new GroupEncoder(
                program,
                new EncoderArguments(layout, settings.precision()),
                threads,
                collectives,
                settings.ranks(),
                settings.groupImages());
        this.update = Update.sgd(settings.momentum(), settings.weightDecay());
        this.state = state;
        this.gradient = state.newGradient();
    }

    /**
     * Makes one step and returns its metrics, means over all ranks.
     *
     * @param images images of this process's ranks, N x S x S x 3 bytes, or N x 3 x S x S normalized
     * @param labels classes of these images, N int64
     */
    public Metrics step(NDArray images, NDArray labels, double learningRate) {
        return StepAgreement.of(collectives, stepOfOwnRanks(images, labels, learningRate), false, false)
                .metrics();
    }

    /** Makes one step and returns loss, top-1 and top-5 accuracy of each rank of this process. */
    double[] stepOfOwnRanks(NDArray images, NDArray labels, double learningRate) {
        try (NDManager scope = images.getManager().newSubManager()) {
            return step(scope, images, labels, learningRate).ofOwnRanks();
        }
    }

    /**
     * Tensors of a step.
     *
     * @param ofOwnRanks loss, top-1 and top-5 accuracy of each rank of this process
     * @param scores of this process's images, N x classes
     * @param gradientNorm length of the mean gradient
     */
    @SuppressWarnings("ArrayRecordComponent") // read once
    record SupervisedTrace(double[] ofOwnRanks, NDArray scores, double gradientNorm) {}

    /** Makes a step and keeps its tensors in {@code scope}. */
    SupervisedTrace step(NDManager scope, NDArray images, NDArray labels, double learningRate) {
        NDArray scores = encoder.encode(scope, state, images);
        int ownRanks = collectives.world().ranks(settings.ranks());
        List<NDList> byRank = new ArrayList<>();
        NDList ofScores = new NDList();
        for (int rank = 0; rank < ownRanks; rank++) {
            NDList loss = program.callWithGradients(
                    scope, "cross_entropy", part(scope, scores, rank, ownRanks), part(scope, labels, rank, ownRanks));
            byRank.add(loss);
            ofScores.add(loss.get(1));
        }
        NDArray outputGradient = program.call(scope, "concatenate", ofScores).singletonOrThrow();
        encoder.backward(scope, state, images, outputGradient, gradient);
        double norm = program.call(scope, "average_ranks", gradient, settings.ranks())
                .singletonOrThrow()
                .getDouble();
        update.apply(scope, program, state, gradient, learningRate);
        return new SupervisedTrace(StepAgreement.numbers(byRank), scores, norm);
    }

    private static NDArray part(NDManager scope, NDArray of, int rank, int ranks) {
        long share = World.perRank(of.getShape().get(0), ranks);
        NDArray part = of.get(new NDIndex().addSliceDim(rank * share, (rank + 1) * share));
        part.attach(scope);
        return part;
    }

    /** The step's gradient, to which the optimizer has added the weight decay. */
    NDArray gradient() {
        return gradient;
    }

    @Override
    public void close() {
        gradient.close();
        program.close();
    }
}
