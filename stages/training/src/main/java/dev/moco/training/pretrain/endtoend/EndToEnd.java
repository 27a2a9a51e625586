package dev.moco.training.pretrain.endtoend;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.moco.contract.Precision;
import dev.moco.training.engine.RankExchange;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.GroupEncoder;
import dev.moco.training.pretrain.Shuffle;
import dev.moco.training.pretrain.StepMetrics;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.Update;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The step of the end-to-end mechanism (<a href="https://arxiv.org/abs/1911.05722">arXiv:1911.05722</a>, section 3.2 and figure
 * 2a): two encoders, both trained by back-propagation, and the keys of the whole batch as dictionary. As MoCo's, keys are
 * encoded in a shuffled order, here with gradients through the shuffle; keys of other ranks receive gradients of a rank's loss.
 */
public final class EndToEnd implements AutoCloseable {
    private static final List<String> PROGRAM = List.of(
            "/dev/moco/training/pretrain/grouped.py",
            "/dev/moco/training/pretrain/reduction.py",
            "/dev/moco/training/pretrain/endtoend/in_batch.py",
            Update.SGD_PROGRAM);

    private final TorchProgram program;
    private final EndToEndSettings settings;
    private final RankExchange exchange;
    private final GroupEncoder encoder;
    private final Update update;
    private final TrainedEncoder query;
    private final TrainedEncoder key;
    private final boolean shared;
    private final NDArray queryGradient;
    private final NDArray keyGradient;

    /**
     * EndToEndSettings of a step.
     *
     * @param groups groups of the whole batch, each with batch statistics of its own
     * @param temperature softmax temperature; tau in the paper
     * @param symmetric true if keys are scored against queries too, and the loss is the mean of both directions
     * @param momentum momentum of SGD
     * @param weightDecay weight decay of every parameter of both encoders
     * @param precision type that the encoders compute in
     */
    public record EndToEndSettings(
            int groups,
            double temperature,
            boolean symmetric,
            double momentum,
            double weightDecay,
            Precision precision) {}

    /**
     * Starts at a state.
     *
     * @param separateKey the key encoder; empty if both share weights, and the running statistics are updated by the queries,
     *     then by the keys
     * @param replacements other files in place of some of the program's, as {@link TorchProgram#compile} takes them
     */
    public EndToEnd(
            EncoderLayout layout,
            EndToEndSettings settings,
            TrainedEncoder query,
            Optional<TrainedEncoder> separateKey,
            RankThreads threads,
            RankExchange exchange,
            Map<String, String> replacements) {
        Device device = query.parameters().getDevice();
        this.program = TorchProgram.compile(device, replacements, PROGRAM);
        this.settings = settings;
        this.exchange = exchange;
        this.encoder = new GroupEncoder(
                program,
                new EncoderArguments(layout, settings.precision()),
                threads,
                settings.groups() / exchange.processes(),
                exchange.process() == 0);
        this.update = Update.sgd(settings.momentum(), settings.weightDecay());
        this.query = query;
        this.shared = separateKey.isEmpty();
        this.key = separateKey.orElse(query);
        this.queryGradient = query.newGradient();
        this.keyGradient = shared ? queryGradient : key.newGradient();
    }

    /**
     * Makes one step and returns its metrics.
     *
     * @param queryImages this process's part of the batch, N x S x S x 3 bytes, or N x 3 x S x S normalized
     * @param keyImages the other view of the same images
     * @param shuffle permutation of the whole batch: position i of the key encoder's input is image {@code shuffle[i]}
     */
    public Metrics step(NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        try (NDManager scope = queryImages.getManager().newSubManager()) {
            return step(scope, queryImages, keyImages, shuffle, learningRate).metrics();
        }
    }

    /**
     * Tensors of a step.
     *
     * @param ownLoss loss of this process
     * @param queries outputs of the head for the whole batch, B x D
     * @param keys likewise, in the order of the batch
     * @param logits of this process's queries, N x B
     * @param queryNorm length of the mean gradient of the query encoder
     * @param keyNorm likewise; that of both passes if weights are shared
     */
    record EndToEndTrace(
            Metrics metrics,
            double ownLoss,
            NDArray queries,
            NDArray keys,
            NDArray logits,
            double queryNorm,
            double keyNorm) {}

    /** Makes a step and keeps its tensors in {@code scope}. */
    EndToEndTrace step(NDManager scope, NDArray queryImages, NDArray keyImages, int[] shuffle, double learningRate) {
        PairGradients gradients = gradients(scope, queryImages, keyImages, shuffle);
        double queryNorm = average(scope, queryGradient);
        double keyNorm = shared ? queryNorm : average(scope, keyGradient);
        update.apply(scope, program, query, queryGradient, learningRate);
        if (!shared) {
            update.apply(scope, program, key, keyGradient, learningRate);
        }
        NDArray metrics = gradients.loss().get(0);
        return new EndToEndTrace(
                StepMetrics.mean(scope, metrics, exchange),
                metrics.get(0).toType(DataType.FLOAT64, false).getDouble(),
                gradients.queries(),
                gradients.keys(),
                gradients.loss().get(1),
                queryNorm,
                keyNorm);
    }

    /**
     * Outputs of both heads for the whole batch, and what the program's {@code in_batch} returned: metrics, logits, and the
     * gradients of both outputs.
     */
    record PairGradients(NDArray queries, NDArray keys, NDList loss) {}

    /** Writes the sums of the gradients of this process's images, for the mean loss of each process, to the buffers. */
    PairGradients gradients(NDManager scope, NDArray queryImages, NDArray keyImages, int[] shuffle) {
        int share = shuffle.length / exchange.processes();
        int first = exchange.process() * share;
        NDArray shuffled = select(
                scope,
                exchange.gather(scope, keyImages),
                IntStream.of(shuffle).skip(first).limit(share));
        NDArray queries = exchange.gather(scope, encoder.encode(scope, query, queryImages));
        NDArray keys = select(
                scope,
                exchange.gather(scope, encoder.encode(scope, key, shuffled)),
                IntStream.of(Shuffle.inverse(shuffle)));
        NDList loss = program.callWithGradients(
                scope, "in_batch", queries, keys, first, share, settings.temperature(), settings.symmetric());
        NDArray ofQueries = exchange.scatterSum(scope, loss.get(2));
        NDArray ofShuffled = exchange.scatterSum(scope, select(scope, loss.get(3), IntStream.of(shuffle)));
        program.call(scope, "clear_gradient", queryGradient);
        program.call(scope, "clear_gradient", keyGradient);
        encoder.backward(scope, query, queryImages, ofQueries, queryGradient);
        encoder.backward(scope, key, shuffled, ofShuffled, keyGradient);
        return new PairGradients(queries, keys, loss);
    }

    NDArray queryGradient() {
        return queryGradient;
    }

    NDArray keyGradient() {
        return keyGradient;
    }

    private double average(NDManager scope, NDArray gradient) {
        exchange.sum(gradient);
        return program.call(scope, "average_ranks", gradient, exchange.processes())
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
        if (!shared) {
            keyGradient.close();
        }
        program.close();
    }
}
