package dev.moco.training.pretrain;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The step of MoCo (docs/method.md §1.3-1.5, <a href="https://arxiv.org/abs/1911.05722">arXiv:1911.05722</a> and, for v2, <a
 * href="https://arxiv.org/abs/2003.04297">arXiv:2003.04297</a>) over several ranks. Each rank sees a slice of the batch and has
 * batch-norm statistics of its own, as each of the paper's 8 GPUs does. The result does not depend on how many ranks run at
 * once.
 */
public final class MomentumContrast implements AutoCloseable {
    /** Files of every step. */
    static final List<String> PROGRAM = List.of(
            "/dev/moco/training/pretrain/moco.py",
            "/dev/moco/training/resnet/functional.py",
            "/dev/moco/training/resnet/sgd.py");
    /** The encoder that the program imports. */
    private static final String ENCODER = "/dev/moco/training/resnet/head.py";

    private final TorchProgram program;
    private final EncoderArguments encoder;
    private final Settings settings;
    private final RankThreads threads;
    private final Collectives collectives;
    /** Number of ranks of this process, and the first of them. */
    private final int ownRanks;

    private final int firstRank;
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

    /**
     * Starts at a state.
     *
     * @param pointer column of the queue that is written next
     */
    public MomentumContrast(
            EncoderLayout layout, Settings settings, MocoState state, int pointer, RankThreads threads) {
        this(compile(state.query().getDevice()), layout, settings, state, pointer, threads, Collectives.ALONE);
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
                threads,
                Collectives.ALONE);
    }

    /** Compiles the program of every step. */
    static TorchProgram compile(Device device) {
        return TorchProgram.compile(device, Map.of(), PROGRAM);
    }

    /**
     * Starts at a state.
     *
     * @param program result of {@link #compile}; closed with this
     * @param collectives of the processes among which the ranks are divided
     */
    MomentumContrast(
            TorchProgram program,
            EncoderLayout layout,
            Settings settings,
            MocoState state,
            int pointer,
            RankThreads threads,
            Collectives collectives) {
        this.program = program;
        this.encoder = new EncoderArguments(layout, settings.precision());
        this.settings = settings;
        this.state = state;
        this.queue = new KeyQueue(state.queue(), pointer);
        this.threads = threads;
        this.collectives = collectives;
        this.ownRanks = collectives.world().ranks(settings.ranks());
        this.firstRank = collectives.world().firstRank(settings.ranks());
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
     * Makes one step and returns its metrics, means over all ranks.
     *
     * @param queryImages images of this process's ranks, B x S x S x 3 bytes, or B x 3 x S x S normalized
     * @param keyImages the other view of the same images
     * @param shuffle permutation of the batch: position i of the key encoder's input is image {@code shuffle[i]}
     */
    public Metrics step(NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        double[] ofOwnRanks = stepOfOwnRanks(queryImages, keyImages, shuffle, learningRate);
        return StepAgreement.of(collectives, ofOwnRanks, false, false).metrics();
    }

    /** Makes one step and returns loss, top-1 and top-5 accuracy of each rank of this process, for {@link StepAgreement}. */
    double[] stepOfOwnRanks(NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        try (NDManager scope = queryImages.getManager().newSubManager()) {
            return step(scope, queryImages, keyImages, shuffle, learningRate).ofOwnRanks();
        }
    }

    /** Makes a step and keeps its tensors in {@code scope}. */
    Trace step(NDManager scope, NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        program.call(scope, "update_key_encoder", state.key(), state.query(), settings.keyMomentum());
        NDArray keys = keys(scope, keyImages, shuffle);
        List<NDList> outputsByRank = contrast(scope, queryImages, keys);
        NDArray gradientLength =
                program.call(scope, "average", gradient, settings.ranks()).get(1);
        NDArray figures =
                program.call(scope, "concatenate", figures(outputsByRank)).singletonOrThrow();
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
        return new Trace(
                figures,
                keys,
                gradientLength,
                outputsByRank.get(0).get(1),
                outputsByRank.get(0).get(2));
    }

    private static NDList figures(List<NDList> outputsByRank) {
        NDList figures = new NDList();
        outputsByRank.forEach(outputs -> figures.add(outputs.get(0)));
        return figures;
    }

    /**
     * Returns the outputs of {@code contrast} for each rank of this process; writes the sum of the gradients of all ranks to
     * {@link #gradient}.
     */
    private List<NDList> contrast(NDManager scope, NDArray images, NDArray keys) {
        List<NDArray> byRank = statistics(scope, state.queryStatistics());
        program.call(scope, "clear", gradient);
        List<NDList> outputsByRank = new ArrayList<>();
        // The first process has the first ranks, so that it may sum them; the others add theirs to the sum of those
        // before.
        boolean sums = collectives.world().index() == 0;
        List<NDArray> gradients = new ArrayList<>(sums ? List.of(gradient) : List.of());
        threads.forEachRank(
                ownRanks,
                rank -> {
                    NDArray sum = sums && threads.count() == 1 ? gradient : zeros(scope);
                    NDList outputs = program.callWithGradients(
                            scope,
                            "contrast",
                            encoder.of(state.query(), byRank.get(rank)),
                            sum,
                            slice(scope, images, rank, ownRanks),
                            slice(scope, keys, firstRank + rank, settings.ranks()),
                            queue.keys(),
                            settings.temperature());
                    return new RankContrast(outputs, sum);
                },
                result -> {
                    outputsByRank.add(result.outputs);
                    if (!sums) {
                        gradients.add(result.sum);
                    } else if (threads.count() > 1) {
                        program.call(scope, "accumulate", gradient, result.sum);
                        result.sum.close();
                    }
                });
        collectives.sumInOrder(gradients, gradient);
        gradients.stream().filter(array -> array != gradient).forEach(NDArray::close);
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

    /**
     * Tensors of a step. To read one waits for the device, so the step itself reads none.
     *
     * @param figures loss, top-1 and top-5 accuracy of each rank of this process
     * @param keys B x D in the order of the batch
     * @param gradientLength of the mean gradient
     * @param queries of the first rank of this process
     * @param logits of the first rank of this process
     */
    record Trace(NDArray figures, NDArray keys, NDArray gradientLength, NDArray queries, NDArray logits) {
        double[] ofOwnRanks() {
            return Arrays.stream(figures.toArray())
                    .mapToDouble(Number::doubleValue)
                    .toArray();
        }

        double gradientNorm() {
            return gradientLength.getDouble();
        }

        /** Means over the ranks of this process. */
        Metrics metrics() {
            return StepAgreement.of(Collectives.ALONE, ofOwnRanks(), false, false)
                    .metrics();
        }
    }

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
            NDArray shuffled = program.call(
                            own, "select_rows", collectives.allGather(own, images), indices(own, ofOwnRanks(shuffle)))
                    .singletonOrThrow();
            List<NDArray> byRank = statistics(own, statistics);
            List<NDList> parts = threads.forEachRank(
                    ownRanks,
                    rank -> program.call(
                            own,
                            "encode_keys",
                            encoder.of(parameters, byRank.get(rank)),
                            slice(own, shuffled, rank, ownRanks)));
            NDList encoded = new NDList();
            parts.forEach(encoded::addAll);
            NDArray ofOwn = program.call(own, "concatenate", encoded).singletonOrThrow();
            NDArray joined = collectives.allGather(own, ofOwn);
            return program.call(scope, "select_rows", joined, indices(own, Shuffle.inverse(shuffle)))
                    .singletonOrThrow();
        }
    }

    /** The part of a permutation of the batch that this process's ranks encode. */
    private int[] ofOwnRanks(int[] shuffle) {
        int share = shuffle.length / settings.ranks();
        return Arrays.copyOfRange(shuffle, firstRank * share, (firstRank + ownRanks) * share);
    }

    /** Indices on the host, from where {@code select_rows} moves them without waiting for the device. */
    private static NDArray indices(NDManager scope, int[] indices) {
        long[] wide = new long[indices.length];
        for (int i = 0; i < indices.length; i++) {
            wide[i] = indices[i];
        }
        return scope.newSubManager(Device.cpu()).create(wide);
    }

    /**
     * Running statistics for each rank of this process to update. Those of the first are kept and the others dropped; those
     * of rank 0 are saved, as DDP broadcasts its buffers, and train mode does not read them.
     */
    private List<NDArray> statistics(NDManager scope, NDArray kept) {
        List<NDArray> byRank = new ArrayList<>();
        byRank.add(kept);
        for (int rank = 1; rank < ownRanks; rank++) {
            NDArray copy = kept.duplicate();
            copy.attach(scope);
            byRank.add(copy);
        }
        return byRank;
    }

    private static NDArray slice(NDManager scope, NDArray batch, int rank, int ranks) {
        long share = World.perRank(batch.getShape().get(0), ranks);
        NDArray slice = batch.get(new NDIndex().addSliceDim(rank * share, (rank + 1) * share));
        slice.attach(scope);
        return slice;
    }

    @Override
    public void close() {
        gradient.close();
        program.close();
    }
}
