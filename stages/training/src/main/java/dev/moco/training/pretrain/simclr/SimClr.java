package dev.moco.training.pretrain.simclr;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.StepAgreement;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.Update;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.resnet.sweep.GlobalNormEncoder;
import dev.moco.training.resnet.sweep.Network;
import java.util.ArrayList;
import java.util.List;

/**
 * The step of SimCLR (<a href="https://arxiv.org/abs/2002.05709">arXiv:2002.05709</a>, algorithm 1, and its code of 2020): both
 * views of the batch in one forward pass with batch norm over all of them, NT-Xent over the views of all ranks, and LARS. The
 * gradient is that of the code's loss, twice the paper's.
 */
public final class SimClr implements AutoCloseable {
    /** Files of every step. */
    static final List<String> PROGRAM = List.of(
            GlobalNormEncoder.PROGRAM,
            "/dev/moco/training/resnet/images.py",
            "/dev/moco/training/pretrain/reduction.py",
            "/dev/moco/training/pretrain/simclr/nt_xent.py",
            Update.LARS_PROGRAM);

    private final TorchProgram program;
    private final SimClrSettings settings;
    private final Collectives collectives;
    private final int ownRanks;
    private final GlobalNormEncoder encoder;
    private final Update update;
    private final TrainedEncoder state;
    private final NDArray gradient;

    /**
     * Settings of a step.
     *
     * @param ranks equal parts of the batch; a rank's loss is the mean over its images
     * @param chunks chunks that a rank's views are computed in; changes results by rounding alone
     * @param temperature softmax temperature; tau in the paper
     * @param momentum momentum of LARS
     * @param weightDecay weight decay of convolutions and linear layers
     * @param biased true if running variances take the biased variance, as the official code's do
     */
    public record SimClrSettings(
            int ranks, int chunks, double temperature, double momentum, double weightDecay, boolean biased) {}

    /**
     * Starts at a state.
     *
     * @param program compiled from {@link #PROGRAM}; closed with this
     */
    public SimClr(
            TorchProgram program,
            Network network,
            FlatLayout layout,
            SimClrSettings settings,
            TrainedEncoder state,
            Collectives collectives) {
        this.program = program;
        this.settings = settings;
        this.collectives = collectives;
        this.ownRanks = collectives.world().ranks(settings.ranks());
        this.state = state;
        this.gradient = state.newGradient();
        this.encoder = new GlobalNormEncoder(
                program,
                network,
                layout,
                state.parameters(),
                state.statistics(),
                gradient,
                collectives,
                settings.ranks(),
                settings.chunks(),
                settings.biased());
        this.update = Update.lars(layout.parameters(), settings.momentum(), settings.weightDecay());
    }

    /**
     * Makes one step and returns its metrics, means over all ranks: the loss, and how often a view's other view is the nearest
     * of its kind.
     *
     * @param a one view of the images of this process's ranks, N x S x S x 3 bytes, or N x 3 x S x S normalized
     * @param b the other view of the same images
     */
    public Metrics step(NDArray a, NDArray b, double learningRate) {
        return StepAgreement.of(collectives, stepOfOwnRanks(a, b, learningRate), false, false)
                .metrics();
    }

    /** Makes one step and returns loss, top-1 and top-5 accuracy of each rank of this process. */
    double[] stepOfOwnRanks(NDArray a, NDArray b, double learningRate) {
        try (NDManager scope = a.getManager().newSubManager()) {
            return step(scope, a, b, learningRate).ofOwnRanks();
        }
    }

    /**
     * Tensors of a step.
     *
     * @param ofOwnRanks loss, top-1 and top-5 accuracy of each rank of this process
     * @param a outputs of the head for the views a of the whole batch, B x D
     * @param b likewise
     * @param ratios trust ratio of each parameter
     */
    @SuppressWarnings("ArrayRecordComponent") // read once
    record SimClrTrace(double[] ofOwnRanks, NDArray a, NDArray b, NDArray ratios) {}

    /** Makes a step and keeps its tensors in {@code scope}. */
    SimClrTrace step(NDManager scope, NDArray a, NDArray b, double learningRate) {
        ViewGradients found = gradients(scope, a, b);
        program.call(scope, "average_ranks", gradient, settings.ranks());
        NDArray ratios =
                update.apply(scope, program, state, gradient, learningRate).singletonOrThrow();
        return new SimClrTrace(StepAgreement.numbers(found.byRank()), found.a(), found.b(), ratios);
    }

    /**
     * Outputs for the views of the whole batch, and what the program's {@code nt_xent} returned for each rank of this process.
     *
     * @param encoded the forward pass
     * @param outputGradient gradient of this process's outputs: of each rank, views a then b
     */
    record ViewGradients(
            NDArray a, NDArray b, List<NDList> byRank, GlobalNormEncoder.ForwardPass encoded, NDArray outputGradient) {}

    /** Writes the gradient of the sum of the mean losses of all ranks to the buffer. */
    ViewGradients gradients(NDManager scope, NDArray a, NDArray b) {
        NDArray images = program.call(scope, "normalize_images", byRank(scope, a, b), state.parameters())
                .singletonOrThrow();
        GlobalNormEncoder.ForwardPass encoded = encoder.encode(scope, images);
        // Views a and b are gathered apart: gathered together, those of an image would not be a batch apart.
        NDArray allA = collectives.allGather(scope, ofKind(scope, encoded.outputs(), 0));
        NDArray allB = collectives.allGather(scope, ofKind(scope, encoded.outputs(), 1));
        List<NDList> byRank = losses(scope, allA, allB);
        NDArray outputGradient = byRank(
                scope,
                collectives.reduceScatter(
                        scope, byRank.stream().map(loss -> loss.get(2)).toList()),
                collectives.reduceScatter(
                        scope, byRank.stream().map(loss -> loss.get(3)).toList()));
        program.call(scope, "clear_gradient", gradient);
        encoder.backward(scope, encoded, outputGradient);
        return new ViewGradients(allA, allB, byRank, encoded, outputGradient);
    }

    private List<NDList> losses(NDManager scope, NDArray allA, NDArray allB) {
        long share = World.perRank(allA.getShape().get(0), settings.ranks());
        int first = collectives.world().firstRank(settings.ranks());
        List<NDList> byRank = new ArrayList<>();
        for (int rank = 0; rank < ownRanks; rank++) {
            NDList loss = program.callWithGradients(
                    scope, "nt_xent", allA, allB, (first + rank) * share, share, settings.temperature());
            loss.get(1).close(); // logits of all ranks together would grow with the square of the batch
            byRank.add(loss);
        }
        return byRank;
    }

    /** Rows of both kinds of views, those of each rank together, a before b. */
    private NDArray byRank(NDManager scope, NDArray a, NDArray b) {
        long share = World.perRank(a.getShape().get(0), ownRanks);
        NDList parts = new NDList();
        for (int rank = 0; rank < ownRanks; rank++) {
            parts.add(rows(scope, a, rank * share, (rank + 1) * share));
            parts.add(rows(scope, b, rank * share, (rank + 1) * share));
        }
        return program.call(scope, "join", parts).singletonOrThrow();
    }

    /** Rows of one kind of views: of each rank's rows, the first half or the second. */
    private NDArray ofKind(NDManager scope, NDArray outputs, int kind) {
        long share = outputs.getShape().get(0) / (2L * ownRanks);
        NDList parts = new NDList();
        for (int rank = 0; rank < ownRanks; rank++) {
            long from = (2L * rank + kind) * share;
            parts.add(rows(scope, outputs, from, from + share));
        }
        return program.call(scope, "join", parts).singletonOrThrow();
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
