package dev.moco.training.pretrain.endtoend;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.Precision;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.GroupEncoder;
import dev.moco.training.pretrain.Shuffle;
import dev.moco.training.pretrain.StepAgreement;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.Update;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The step of the end-to-end mechanism (<a href="https://arxiv.org/abs/1911.05722">arXiv:1911.05722</a>, section 3.2 and figure
 * 2a): two encoders, both trained by back-propagation, and the keys of the whole batch as dictionary. As MoCo's, keys are
 * encoded in a shuffled order, here with gradients through the shuffle; keys of other ranks receive gradients of a rank's loss.
 */
public final class EndToEnd implements AutoCloseable {
    /** Files of every step. */
    static final List<String> PROGRAM = List.of(
            "/dev/moco/training/pretrain/grouped.py",
            "/dev/moco/training/pretrain/reduction.py",
            "/dev/moco/training/pretrain/endtoend/in_batch.py",
            Update.SGD_PROGRAM);

    private final TorchProgram program;
    private final EndToEndSettings settings;
    private final Collectives collectives;
    private final GroupEncoder encoder;
    private final Update update;
    private final TrainedEncoder query;
    private final TrainedEncoder key;
    private final boolean shared;
    private final NDArray queryGradient;
    private final NDArray keyGradient;

    /**
     * Settings of a step.
     *
     * @param ranks equal parts of the batch; a rank's loss is the mean over its queries
     * @param groupImages images that share batch statistics; a rank's images are as many groups as they need
     * @param temperature softmax temperature; tau in the paper
     * @param symmetric true if keys are scored against queries too, and the loss is the mean of both directions
     * @param momentum momentum of SGD
     * @param weightDecay weight decay of every parameter of both encoders
     * @param precision type that the encoders compute in
     */
    public record EndToEndSettings(
            int ranks,
            int groupImages,
            double temperature,
            boolean symmetric,
            double momentum,
            double weightDecay,
            Precision precision) {}

    /**
     * Starts at a state.
     *
     * @param program compiled from {@link #PROGRAM}; closed with this
     * @param separateKey the key encoder; empty if both share weights, and the running statistics are updated by the queries,
     *     then by the keys
     */
    public EndToEnd(
            TorchProgram program,
            EncoderLayout layout,
            EndToEndSettings settings,
            TrainedEncoder query,
            Optional<TrainedEncoder> separateKey,
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
        this.query = query;
        this.shared = separateKey.isEmpty();
        this.key = separateKey.orElse(query);
        this.queryGradient = query.newGradient();
        this.keyGradient = key.newGradient();
    }

    /**
     * Makes one step and returns its metrics, means over all ranks.
     *
     * @param queryImages images of this process's ranks, N x S x S x 3 bytes, or N x 3 x S x S normalized
     * @param keyImages the other view of the same images
     * @param shuffle permutation of the whole batch: position i of the key encoder's input is image {@code shuffle[i]}
     */
    public Metrics step(NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        double[] ofOwnRanks = stepOfOwnRanks(queryImages, keyImages, shuffle, learningRate);
        return StepAgreement.of(collectives, ofOwnRanks, false, false).metrics();
    }

    /** Makes one step and returns loss, top-1 and top-5 accuracy of each rank of this process. */
    double[] stepOfOwnRanks(NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        try (NDManager scope = queryImages.getManager().newSubManager()) {
            return step(scope, queryImages, keyImages, shuffle, learningRate).ofOwnRanks();
        }
    }

    /**
     * Tensors of a step.
     *
     * @param ofOwnRanks loss, top-1 and top-5 accuracy of each rank of this process
     * @param queries outputs of the head for the whole batch, B x D
     * @param keys likewise, in the order of the batch
     * @param logits of the queries of this process's first rank, N x B
     * @param queryNorm length of the mean gradient of the query encoder
     * @param keyNorm likewise; that of both passes if weights are shared
     */
    @SuppressWarnings("ArrayRecordComponent") // read once
    record EndToEndTrace(
            double[] ofOwnRanks, NDArray queries, NDArray keys, NDArray logits, double queryNorm, double keyNorm) {}

    /** Makes a step and keeps its tensors in {@code scope}. */
    EndToEndTrace step(NDManager scope, NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        PairGradients gradients = gradients(scope, queryImages, keyImages, shuffle);
        if (shared) {
            program.call(scope, "add_gradient", queryGradient, keyGradient);
        }
        double queryNorm = average(scope, queryGradient);
        double keyNorm = shared ? queryNorm : average(scope, keyGradient);
        update.apply(scope, program, query, queryGradient, learningRate);
        if (!shared) {
            update.apply(scope, program, key, keyGradient, learningRate);
        }
        return new EndToEndTrace(
                StepAgreement.numbers(gradients.byRank()),
                gradients.queries(),
                gradients.keys(),
                gradients.byRank().get(0).get(1),
                queryNorm,
                keyNorm);
    }

    /**
     * Outputs of both heads for the whole batch, and what the program's {@code in_batch} returned for each rank of this
     * process: metrics, logits (those of the first rank alone are kept), and the gradients of both outputs.
     */
    record PairGradients(NDArray queries, NDArray keys, List<NDList> byRank) {}

    /** Writes the sums over all ranks of the gradients of each rank's loss to the buffers, those of the keys apart. */
    PairGradients gradients(NDManager scope, NDArray queryImages, NDArray keyImages, int[] shuffle) {
        int share = shuffle.length / collectives.world().size();
        int own = collectives.world().index() * share;
        NDArray shuffled = select(
                scope,
                collectives.allGather(scope, keyImages),
                IntStream.of(shuffle).skip(own).limit(share));
        NDArray queries = collectives.allGather(scope, encoder.encode(scope, query, queryImages));
        NDArray keys = select(
                scope,
                collectives.allGather(scope, encoder.encode(scope, key, shuffled)),
                IntStream.of(Shuffle.inverse(shuffle)));
        List<NDList> byRank = losses(scope, queries, keys);
        NDArray ofQueries = collectives.reduceScatter(
                scope, byRank.stream().map(loss -> loss.get(2)).toList());
        NDArray ofShuffled = collectives.reduceScatter(
                scope,
                byRank.stream()
                        .map(loss -> select(scope, loss.get(3), IntStream.of(shuffle)))
                        .toList());
        encoder.backward(scope, query, queryImages, ofQueries, queryGradient);
        encoder.backward(scope, key, shuffled, ofShuffled, keyGradient);
        return new PairGradients(queries, keys, byRank);
    }

    private List<NDList> losses(NDManager scope, NDArray queries, NDArray keys) {
        long share = World.perRank(queries.getShape().get(0), settings.ranks());
        int first = collectives.world().firstRank(settings.ranks());
        List<NDList> byRank = new ArrayList<>();
        for (int rank = 0; rank < collectives.world().ranks(settings.ranks()); rank++) {
            NDList loss = program.callWithGradients(
                    scope,
                    "in_batch",
                    queries,
                    keys,
                    (first + rank) * share,
                    share,
                    settings.temperature(),
                    settings.symmetric());
            if (rank > 0) {
                loss.get(1).close(); // logits of all ranks together would grow with the square of the batch
            }
            byRank.add(loss);
        }
        return byRank;
    }

    NDArray queryGradient() {
        return queryGradient;
    }

    NDArray keyGradient() {
        return keyGradient;
    }

    private double average(NDManager scope, NDArray gradient) {
        return program.call(scope, "average_ranks", gradient, settings.ranks())
                .singletonOrThrow()
                .getDouble();
    }

    private NDArray select(NDManager scope, NDArray batch, IntStream indices) {
        NDArray wide = scope.create(indices.asLongStream().toArray());
        return program.call(scope, "rows", batch, wide).singletonOrThrow();
    }

    @Override
    public void close() {
        queryGradient.close();
        keyGradient.close();
        program.close();
    }
}
