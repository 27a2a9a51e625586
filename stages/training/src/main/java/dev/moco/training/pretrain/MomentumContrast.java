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
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The step of MoCo (docs/method.md §1.3-1.5, <a href="https://arxiv.org/abs/1911.05722">arXiv:1911.05722</a> and, for v2, <a
 * href="https://arxiv.org/abs/2003.04297">arXiv:2003.04297</a>) over several ranks. Each rank sees a slice of the batch and has
 * batch-norm statistics of its own, as each of the paper's 8 GPUs does. The result does not depend on how many ranks run at
 * once.
 */
public final class MomentumContrast implements AutoCloseable {
    private static final List<String> PROGRAM = List.of(
            "/dev/moco/training/pretrain/moco.py",
            "/dev/moco/training/resnet/functional.py",
            "/dev/moco/training/resnet/sgd.py");
    /** The encoder that the program imports. */
    private static final String ENCODER = "/dev/moco/training/resnet/head.py";

    private final TorchProgram program;
    private final EncoderArguments encoder;
    private final Settings settings;
    private final RankThreads threads;
    private final MocoState state;
    private final KeyQueue queue;
    /** Reused by every step, since to allocate an array of its size is slow. */
    private final NDArray gradient;

    /**
     * Settings of a step.
     *
     * @param ranks number of slices of the batch
     * @param temperature softmax temperature; tau in the paper
     * @param keyMomentum momentum of the key encoder; m in the paper
     * @param momentum momentum of SGD
     * @param weightDecay weight decay of every parameter, batch norms and biases included
     * @param precision type that the encoders compute in
     */
    public record Settings(
            int ranks,
            double temperature,
            double keyMomentum,
            double momentum,
            double weightDecay,
            Precision precision) {
        public static Settings of(PretrainConfig config) {
            return new Settings(
                    config.ranks(),
                    config.contrast().temperature(),
                    config.contrast().keyMomentum(),
                    config.optimizer().momentum(),
                    config.optimizer().weightDecay(),
                    config.precision());
        }
    }

    /** Fails unless the batch is a multiple of the ranks, and the queue of the batch. */
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
        this(compile(state.query().getDevice()), layout, settings, state, pointer, threads);
    }

    /**
     * Starts at a state, with another encoder.
     *
     * @param encoder resource that declares the functions of {@code head.py}
     */
    MomentumContrast(
            EncoderLayout layout,
            Settings settings,
            MocoState state,
            int pointer,
            RankThreads threads,
            String encoder) {
        this(
                TorchProgram.compile(state.query().getDevice(), Map.of(ENCODER, encoder), PROGRAM),
                layout,
                settings,
                state,
                pointer,
                threads);
    }

    /** Compiles the program of every step. */
    static TorchProgram compile(Device device) {
        return TorchProgram.compile(device, Map.of(), PROGRAM);
    }

    /**
     * Starts at a state.
     *
     * @param program result of {@link #compile}; closed with this
     */
    MomentumContrast(
            TorchProgram program,
            EncoderLayout layout,
            Settings settings,
            MocoState state,
            int pointer,
            RankThreads threads) {
        this.program = program;
        this.encoder = new EncoderArguments(layout, settings.precision());
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
     * Makes one step and returns its metrics.
     *
     * @param queryImages B x S x S x 3 bytes, or B x 3 x S x S normalized
     * @param keyImages the other view of the same images
     * @param shuffle permutation of the batch: position i of the key encoder's input is image {@code shuffle[i]}
     */
    public Metrics step(NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        try (NDManager scope = queryImages.getManager().newSubManager()) {
            return step(scope, queryImages, keyImages, shuffle, learningRate).metrics();
        }
    }

    /** Makes a step and keeps its tensors in {@code scope}. */
    Trace step(NDManager scope, NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        program.call(scope, "update_key_encoder", state.key(), state.query(), settings.keyMomentum());
        NDArray keys = keys(scope, keyImages, shuffle);
        List<NDList> outputsByRank = contrast(scope, queryImages, keys);
        double gradientNorm = program.call(scope, "average", gradient, settings.ranks())
                .get(1)
                .getDouble();
        Trace trace = new Trace(
                metrics(outputsByRank),
                keys,
                gradientNorm,
                outputsByRank.get(0).get(1),
                outputsByRank.get(0).get(2));
        program.call(
                scope,
                "sgd_step",
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

    /** Returns the outputs of {@code contrast} for each rank; writes the sum of their gradients to {@link #gradient}. */
    private List<NDList> contrast(NDManager scope, NDArray images, NDArray keys) {
        List<NDArray> byRank = statistics(scope, state.queryStatistics());
        program.call(scope, "clear", gradient);
        List<NDList> outputsByRank = new ArrayList<>();
        threads.forEachRank(
                settings.ranks(),
                rank -> {
                    NDArray sum = threads.count() == 1 ? gradient : zeros(scope);
                    NDList outputs = program.callWithGradients(
                            scope,
                            "contrast",
                            encoder.of(state.query(), byRank.get(rank)),
                            sum,
                            slice(scope, images, rank),
                            slice(scope, keys, rank),
                            queue.keys(),
                            settings.temperature());
                    return new RankContrast(outputs, sum);
                },
                result -> {
                    outputsByRank.add(result.outputs);
                    if (threads.count() > 1) {
                        program.call(scope, "accumulate", gradient, result.sum);
                        result.sum.close();
                    }
                });
        return outputsByRank;
    }

    /**
     * Result of a rank.
     *
     * @param outputs metrics, queries, logits
     * @param sum array that it added its gradient to: its own where several ranks run at once, else that of the step
     */
    private record RankContrast(NDList outputs, NDArray sum) {}

    private NDArray zeros(NDManager scope) {
        NDArray zeros = state.query().zerosLike();
        zeros.attach(scope);
        return zeros;
    }

    /** Tensors of a step: keys B x D in the order of the batch, length of the mean gradient, queries and logits of rank 0. */
    record Trace(Metrics metrics, NDArray keys, double gradientNorm, NDArray queries, NDArray logits) {}

    /** Encodes images by the key encoder in train mode, which updates its running statistics. */
    private NDArray keys(NDManager scope, NDArray images, int[] shuffle) {
        return encodeShuffled(scope, state.key(), state.keyStatistics(), images, shuffle);
    }

    /**
     * Shuffle BN (docs/method.md §1.4): encodes images by ranks in the shuffled order and restores the order of the batch, so
     * that the batch statistics of a rank do not reveal which key belongs to which query.
     */
    NDArray encodeShuffled(NDManager scope, NDArray parameters, NDArray statistics, NDArray images, int[] shuffle) {
        // The shuffled images would else be held while the queries are encoded, which needs the most.
        try (NDManager own = scope.newSubManager()) {
            NDArray shuffled = program.call(own, "select_rows", images, indices(own, shuffle))
                    .singletonOrThrow();
            List<NDArray> byRank = statistics(own, statistics);
            List<NDList> parts = threads.forEachRank(
                    settings.ranks(),
                    rank -> program.call(
                            own, "encode_keys", encoder.of(parameters, byRank.get(rank)), slice(own, shuffled, rank)));
            NDList encoded = new NDList();
            parts.forEach(encoded::addAll);
            NDArray joined = program.call(own, "concatenate", encoded).singletonOrThrow();
            return program.call(scope, "select_rows", joined, indices(own, Shuffle.inverse(shuffle)))
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
     * Running statistics for each rank to update. Those of rank 0 are kept and the others dropped, as DDP broadcasts the
     * buffers of rank 0.
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

    private static Metrics metrics(List<NDList> outputsByRank) {
        double loss = 0;
        double top1 = 0;
        double top5 = 0;
        for (NDList outputs : outputsByRank) {
            Number[] values = outputs.get(0).toArray();
            loss += values[0].doubleValue() / outputsByRank.size();
            top1 += 100 * values[1].doubleValue() / outputsByRank.size();
            top5 += 100 * values[2].doubleValue() / outputsByRank.size();
        }
        return new Metrics(loss, top1, top5);
    }

    @Override
    public void close() {
        gradient.close();
        program.close();
    }
}
