package dev.moco.training.pretrain;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.progress.Figures;
import dev.moco.training.resnet.EncoderLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The step of MoCo (docs/method.md §1.3-1.5) over ranks that see a slice of the batch each, with batch-norm statistics of
 * their own, as the paper's 8 GPUs do. The result does not depend on how many ranks run at once.
 */
public final class MomentumContrast implements AutoCloseable {
    private static final double BATCH_NORM_MOMENTUM = 0.1;
    private static final String[] STEP = {
        "/dev/moco/training/resnet/images.py", "/dev/moco/training/resnet/sgd.py", "/dev/moco/training/pretrain/moco.py"
    };
    private static final String[] RESNET = {
        "/dev/moco/training/resnet/resnet.py",
        "/dev/moco/training/resnet/encoder.py",
        "/dev/moco/training/resnet/head.py"
    };

    private final TorchProgram program;
    private final EncoderLayout layout;
    private final Settings settings;
    private final RankThreads threads;
    private final MocoState state;
    private final KeyQueue queue;
    /** Kept from step to step, as fresh memory of its size costs more time than it is worth. */
    private final NDArray gradient;

    /**
     * What a step needs to know.
     *
     * @param ranks slices of the batch
     * @param temperature softmax temperature
     * @param keyMomentum momentum of the key encoder
     * @param momentum momentum of SGD
     * @param weightDecay of every parameter, norms and biases included
     * @param bfloat16 whether the encoders compute in bfloat16
     */
    public record Settings(
            int ranks, double temperature, double keyMomentum, double momentum, double weightDecay, boolean bfloat16) {
        public static Settings of(PretrainConfig config) {
            return new Settings(
                    config.ranks(),
                    config.contrast().temperature(),
                    config.contrast().keyMomentum(),
                    config.optimizer().momentum(),
                    config.optimizer().weightDecay(),
                    config.precision() == Precision.BFLOAT16);
        }
    }

    /** Fails unless ranks share the batch, and batches the queue, without a rest. */
    public static void check(PretrainConfig config) {
        KeyQueue.check(config.contrast().queueSize(), config.batchSize());
        if (config.batchSize() % config.ranks() != 0) {
            throw StageFailure.badConfig("pretrain.batchSize must be a multiple of pretrain.ranks, found "
                    + config.batchSize() + " with " + config.ranks() + " ranks");
        }
    }

    /**
     * Starts at a state.
     *
     * @param pointer column of the queue that is written next
     */
    public MomentumContrast(
            EncoderLayout layout, Settings settings, MocoState state, int pointer, RankThreads threads) {
        this(layout, settings, state, pointer, threads, RESNET);
    }

    MomentumContrast(
            EncoderLayout layout,
            Settings settings,
            MocoState state,
            int pointer,
            RankThreads threads,
            String... encoder) {
        this(compile(state.query().getDevice(), encoder), layout, settings, state, pointer, threads);
    }

    /** The program of every step. */
    static TorchProgram compile(Device device) {
        return compile(device, RESNET);
    }

    private static TorchProgram compile(Device device, String... encoder) {
        return TorchProgram.compile(
                device, Stream.of(STEP, encoder).flatMap(Stream::of).toArray(String[]::new));
    }

    /**
     * Starts at a state.
     *
     * @param program compiled here; closed with this
     */
    MomentumContrast(
            TorchProgram program,
            EncoderLayout layout,
            Settings settings,
            MocoState state,
            int pointer,
            RankThreads threads) {
        this.program = program;
        this.layout = layout;
        this.settings = settings;
        this.state = state;
        this.queue = new KeyQueue(state.queue(), pointer);
        this.threads = threads;
        NDArray query = state.query();
        this.gradient = query.getManager().create(query.getShape(), query.getDataType()); // each step clears it
    }

    public MocoState state() {
        return state;
    }

    public int pointer() {
        return queue.pointer();
    }

    /**
     * One step.
     *
     * @param queryImages B x S x S x 3 bytes, or B x 3 x S x S normalised
     * @param keyImages the other view of the same images
     * @param shuffle permutation of the batch: position i of the key encoder's input is image {@code shuffle[i]}
     */
    public Figures step(NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        try (NDManager scope = queryImages.getManager().newSubManager()) {
            return step(scope, queryImages, keyImages, shuffle, learningRate).figures();
        }
    }

    /** A step whose tensors are kept, in {@code scope}. */
    Trace step(NDManager scope, NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        program.call(scope, "follow", state.key(), state.query(), settings.keyMomentum());
        NDArray keys = keys(scope, keyImages, shuffle);
        List<NDList> shares = contrast(scope, queryImages, keys);
        double gradientNorm = program.call(scope, "average", gradient, settings.ranks())
                .get(1)
                .getDouble();
        Trace trace = new Trace(
                figures(shares),
                keys,
                gradientNorm,
                shares.get(0).get(1),
                shares.get(0).get(2));
        program.call(
                scope,
                "descend",
                state.query(),
                state.velocity(),
                gradient,
                state.query().size(),
                learningRate,
                settings.momentum(),
                settings.weightDecay());
        queue.enqueue(program, scope, keys);
        return trace;
    }

    /** What each rank's {@code contrast} returns; the sum of their gradients is left in {@link #gradient}. */
    private List<NDList> contrast(NDManager scope, NDArray images, NDArray keys) {
        List<NDArray> byRank = statistics(scope, state.queryStatistics());
        program.call(scope, "clear", gradient);
        List<NDList> shares = new ArrayList<>();
        threads.forEachRank(
                settings.ranks(),
                rank -> {
                    NDArray sum = threads.count() == 1 ? gradient : zeros(scope);
                    NDList share = program.callWithGradients(
                            scope,
                            "contrast",
                            sum,
                            state.query(),
                            byRank.get(rank),
                            slice(scope, images, rank),
                            slice(scope, keys, rank),
                            queue.keys(),
                            layout.sizes(),
                            layout.arch(),
                            settings.temperature(),
                            settings.bfloat16());
                    return new Share(share, sum);
                },
                share -> {
                    shares.add(share.outputs);
                    if (threads.count() > 1) {
                        program.call(scope, "accumulate", gradient, share.sum);
                        share.sum.close();
                    }
                });
        return shares;
    }

    /** What a rank returned, and the sum that it added its gradient to: the step's, or where others run beside, its own. */
    private record Share(NDList outputs, NDArray sum) {}

    private NDArray zeros(NDManager scope) {
        NDArray zeros = state.query().zerosLike();
        zeros.attach(scope);
        return zeros;
    }

    /** What a step saw: keys B x D in the batch's order, length of the mean gradient, rank 0's queries and logits. */
    record Trace(Figures figures, NDArray keys, double gradientNorm, NDArray queries, NDArray logits) {}

    /** Images as the key encoder sees them, in train mode; its statistics move on. */
    private NDArray keys(NDManager scope, NDArray images, int[] shuffle) {
        return encodeShuffled(scope, state.key(), state.keyStatistics(), images, shuffle);
    }

    /**
     * Images encoded by ranks in the shuffled order, so that no rank's statistics tell which key is whose, and put back
     * in the batch's order.
     */
    NDArray encodeShuffled(NDManager scope, NDArray parameters, NDArray statistics, NDArray images, int[] shuffle) {
        // The shuffled images would else be held while the queries are encoded, which needs the most.
        try (NDManager own = scope.newSubManager()) {
            NDArray shuffled =
                    program.call(own, "rows", images, indices(own, shuffle)).singletonOrThrow();
            List<NDArray> byRank = statistics(own, statistics);
            List<NDList> parts = threads.forEachRank(
                    settings.ranks(),
                    rank -> program.call(
                            own,
                            "encode",
                            parameters,
                            byRank.get(rank),
                            slice(own, shuffled, rank),
                            layout.sizes(),
                            layout.arch(),
                            BATCH_NORM_MOMENTUM,
                            settings.bfloat16()));
            NDList encoded = new NDList();
            parts.forEach(encoded::addAll);
            NDArray joined = program.call(own, "joined", encoded).singletonOrThrow();
            return program.call(scope, "rows", joined, indices(own, Shuffle.inverse(shuffle)))
                    .singletonOrThrow();
        }
    }

    private static NDArray indices(NDManager scope, int[] indices) {
        long[] wide = new long[indices.length];
        for (int i = 0; i < indices.length; i++) {
            wide[i] = indices[i];
        }
        return scope.create(wide);
    }

    /**
     * Statistics for each rank to update: rank 0's are kept, the others' are lost, as DDP broadcasts rank 0's buffers.
     */
    private List<NDArray> statistics(NDManager scope, NDArray kept) {
        List<NDArray> byRank = new ArrayList<>();
        byRank.add(kept);
        for (int rank = 1; rank < settings.ranks(); rank++) {
            NDArray copy = kept.duplicate();
            copy.attach(scope);
            byRank.add(copy);
        }
        return byRank;
    }

    private NDArray slice(NDManager scope, NDArray batch, int rank) {
        long share = batch.getShape().get(0) / settings.ranks();
        NDArray slice = batch.get(new NDIndex().addSliceDim(rank * share, (rank + 1) * share));
        slice.attach(scope);
        return slice;
    }

    private static Figures figures(List<NDList> shares) {
        double loss = 0;
        double top1 = 0;
        double top5 = 0;
        for (NDList share : shares) {
            Number[] values = share.get(0).toArray();
            loss += values[0].doubleValue() / shares.size();
            top1 += 100 * values[1].doubleValue() / shares.size();
            top5 += 100 * values[2].doubleValue() / shares.size();
        }
        return new Figures(loss, top1, top5);
    }

    @Override
    public void close() {
        gradient.close();
        program.close();
    }
}
