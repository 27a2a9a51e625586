package dev.moco.training.pretrain.simclr;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.moco.training.engine.RankExchange;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.StepMetrics;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.Update;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.resnet.sweep.GlobalNormEncoder;
import dev.moco.training.resnet.sweep.Network;
import java.util.List;

/**
 * The step of SimCLR (<a href="https://arxiv.org/abs/2002.05709">arXiv:2002.05709</a>, algorithm 1, and its code of 2020): both
 * views of the batch in one forward pass with batch norm over all of them, NT-Xent over the views of all ranks, and LARS. The
 * gradient is that of the code's loss, twice the paper's.
 */
public final class SimClr implements AutoCloseable {
    private static final List<String> PROGRAM = List.of(
            GlobalNormEncoder.PROGRAM,
            "/dev/moco/training/resnet/images.py",
            "/dev/moco/training/pretrain/reduction.py",
            "/dev/moco/training/pretrain/simclr/nt_xent.py",
            Update.LARS_PROGRAM);

    private final TorchProgram program;
    private final SimClrSettings settings;
    private final RankExchange exchange;
    private final GlobalNormEncoder encoder;
    private final Update update;
    private final TrainedEncoder state;
    private final NDArray gradient;

    /**
     * SimClrSettings of a step.
     *
     * @param chunks chunks that a process's views are computed in; changes no result
     * @param temperature softmax temperature; tau in the paper
     * @param momentum momentum of LARS
     * @param weightDecay weight decay of convolutions and linear layers
     * @param biased true if running variances take the biased variance, as the official code's do
     */
    public record SimClrSettings(int chunks, double temperature, double momentum, double weightDecay, boolean biased) {}

    /** Starts at a state. */
    public SimClr(
            Network network, FlatLayout layout, SimClrSettings settings, TrainedEncoder state, RankExchange exchange) {
        this.program = TorchProgram.compile(state.parameters().getDevice(), PROGRAM.toArray(String[]::new));
        this.settings = settings;
        this.exchange = exchange;
        this.state = state;
        this.gradient = state.newGradient();
        this.encoder = new GlobalNormEncoder(
                program,
                network,
                layout,
                state.parameters(),
                state.statistics(),
                gradient,
                exchange,
                settings.chunks(),
                settings.biased());
        this.update = Update.lars(layout.parameters(), settings.momentum(), settings.weightDecay());
    }

    /**
     * Makes one step and returns its metrics: the loss, and how often a view's other view is the nearest of its kind.
     *
     * @param a one view of this process's part of the batch, N x S x S x 3 bytes, or N x 3 x S x S normalized
     * @param b the other view of the same images
     */
    public Metrics step(NDArray a, NDArray b, double learningRate) {
        try (NDManager scope = a.getManager().newSubManager()) {
            return step(scope, a, b, learningRate).metrics();
        }
    }

    /**
     * Tensors of a step.
     *
     * @param a outputs of the head for the views a of the whole batch, B x D
     * @param b likewise
     * @param ratios trust ratio of each parameter
     */
    record SimClrTrace(Metrics metrics, NDArray a, NDArray b, NDArray ratios) {}

    /** Makes a step and keeps its tensors in {@code scope}. */
    SimClrTrace step(NDManager scope, NDArray a, NDArray b, double learningRate) {
        ViewGradients found = gradients(scope, a, b);
        exchange.sum(gradient);
        program.call(scope, "average_ranks", gradient, exchange.processes());
        NDArray ratios =
                update.apply(scope, program, state, gradient, learningRate).singletonOrThrow();
        return new SimClrTrace(StepMetrics.mean(scope, found.loss().get(0), exchange), found.a(), found.b(), ratios);
    }

    /**
     * Outputs for the views of the whole batch, and what the program's {@code nt_xent} returned.
     *
     * @param encoded the forward pass
     * @param outputGradient gradient of this process's outputs, views a then b
     */
    record ViewGradients(
            NDArray a, NDArray b, NDList loss, GlobalNormEncoder.ForwardPass encoded, NDArray outputGradient) {}

    /** Writes the gradient of this process's images, for the sum of the mean losses of all processes, to the buffer. */
    ViewGradients gradients(NDManager scope, NDArray a, NDArray b) {
        long share = a.getShape().get(0);
        GlobalNormEncoder.ForwardPass encoded = encoder.encode(scope, views(scope, a, b));
        // Views a and b are gathered apart: gathered together, those of an image would not be a batch apart.
        NDArray allA = exchange.gather(scope, rows(scope, encoded.outputs(), 0, share));
        NDArray allB = exchange.gather(scope, rows(scope, encoded.outputs(), share, 2 * share));
        NDList loss = program.callWithGradients(
                scope, "nt_xent", allA, allB, exchange.process() * share, share, settings.temperature());
        NDArray outputGradient = program.call(
                        scope,
                        "join",
                        new NDList(exchange.scatterSum(scope, loss.get(2)), exchange.scatterSum(scope, loss.get(3))))
                .singletonOrThrow();
        program.call(scope, "clear_gradient", gradient);
        encoder.backward(scope, encoded, outputGradient);
        return new ViewGradients(allA, allB, loss, encoded, outputGradient);
    }

    /** Both views, normalized, a before b. */
    private NDArray views(NDManager scope, NDArray a, NDArray b) {
        NDArray joined = program.call(scope, "join", new NDList(a, b)).singletonOrThrow();
        return program.call(scope, "normalize_images", joined, state.parameters())
                .singletonOrThrow();
    }

    private static NDArray rows(NDManager scope, NDArray of, long from, long to) {
        NDArray rows = of.get(new NDIndex().addSliceDim(from, to));
        rows.attach(scope);
        return rows;
    }

    NDArray gradient() {
        return gradient;
    }

    @Override
    public void close() {
        encoder.close();
        gradient.close();
        program.close();
    }
}
