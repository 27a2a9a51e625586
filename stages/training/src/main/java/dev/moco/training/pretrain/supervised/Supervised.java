package dev.moco.training.pretrain.supervised;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.moco.contract.Precision;
import dev.moco.training.engine.RankExchange;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.GroupEncoder;
import dev.moco.training.pretrain.StepMetrics;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.Update;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import java.util.List;
import java.util.Map;

/**
 * The step of supervised training, as torchvision's reference has it: cross-entropy of class scores, which the network's head
 * gives, and SGD over all parameters. Nothing is gathered; batch statistics are those of each group.
 */
public final class Supervised implements AutoCloseable {
    private static final List<String> PROGRAM = List.of(
            "/dev/moco/training/pretrain/grouped.py",
            "/dev/moco/training/pretrain/reduction.py",
            "/dev/moco/training/pretrain/supervised/cross_entropy.py",
            Update.SGD_PROGRAM);

    private final TorchProgram program;
    private final RankExchange exchange;
    private final GroupEncoder encoder;
    private final Update update;
    private final TrainedEncoder state;
    private final NDArray gradient;

    /**
     * SupervisedSettings of a step.
     *
     * @param groups groups of the whole batch, each with batch statistics of its own
     * @param momentum momentum of SGD
     * @param weightDecay weight decay of every parameter, batch norms and biases included
     * @param precision type that the network computes in
     */
    public record SupervisedSettings(int groups, double momentum, double weightDecay, Precision precision) {}

    /**
     * Starts at a state.
     *
     * @param layout network with one linear layer as head, whose outputs are class scores
     * @param replacements other files in place of some of the program's, as {@link TorchProgram#compile} takes them
     */
    public Supervised(
            EncoderLayout layout,
            SupervisedSettings settings,
            TrainedEncoder state,
            RankThreads threads,
            RankExchange exchange,
            Map<String, String> replacements) {
        this.program = TorchProgram.compile(state.parameters().getDevice(), replacements, PROGRAM);
        this.exchange = exchange;
        this.encoder = new GroupEncoder(
                program,
                new EncoderArguments(layout, settings.precision()),
                threads,
                settings.groups() / exchange.processes(),
                exchange.process() == 0);
        this.update = Update.sgd(settings.momentum(), settings.weightDecay());
        this.state = state;
        this.gradient = state.newGradient();
    }

    /**
     * Makes one step and returns its metrics.
     *
     * @param images this process's part of the batch, N x S x S x 3 bytes, or N x 3 x S x S normalized
     * @param labels classes of these images, N int64
     */
    public Metrics step(NDArray images, NDArray labels, double learningRate) {
        try (NDManager scope = images.getManager().newSubManager()) {
            return step(scope, images, labels, learningRate).metrics();
        }
    }

    /**
     * Tensors of a step.
     *
     * @param ownLoss loss of this process
     * @param scores of this process's images, N x classes
     * @param gradientNorm length of the mean gradient
     */
    record SupervisedTrace(Metrics metrics, double ownLoss, NDArray scores, double gradientNorm) {}

    /** Makes a step and keeps its tensors in {@code scope}. */
    SupervisedTrace step(NDManager scope, NDArray images, NDArray labels, double learningRate) {
        NDArray scores = encoder.encode(scope, state, images);
        NDList loss = program.callWithGradients(scope, "cross_entropy", scores, labels);
        program.call(scope, "clear_gradient", gradient);
        encoder.backward(scope, state, images, loss.get(1), gradient);
        exchange.sum(gradient);
        double norm = program.call(scope, "average_ranks", gradient, exchange.processes())
                .singletonOrThrow()
                .getDouble();
        update.apply(scope, program, state, gradient, learningRate);
        NDArray metrics = loss.get(0);
        double ownLoss = metrics.get(0).toType(DataType.FLOAT64, false).getDouble();
        return new SupervisedTrace(StepMetrics.mean(scope, metrics, exchange), ownLoss, scores, norm);
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
