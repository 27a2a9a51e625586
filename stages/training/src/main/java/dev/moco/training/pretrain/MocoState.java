package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.FloatArrays;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.exchange.InitialState;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Arrays that pre-training changes; a checkpoint has all of them.
 *
 * @param query parameters of the query encoder, flat
 * @param queryStatistics its batch-norm statistics, those of rank 0, which DDP broadcasts
 * @param key parameters of the key encoder, flat
 * @param keyStatistics its batch-norm statistics, of rank 0
 * @param velocity momentum buffer of SGD, like {@code query}
 * @param queue keys as columns, dimension x queue size, each of unit length
 */
public record MocoState(
        NDArray query, NDArray queryStatistics, NDArray key, NDArray keyStatistics, NDArray velocity, NDArray queue) {
    /** Names of the arrays in a checkpoint. */
    private static final List<String> NAMES =
            List.of("query", "query-statistics", "key", "key-statistics", "velocity", "queue");

    /** Random stream of the queue; a tensor of the encoder has its index as its stream. */
    private static final long QUEUE = -1;
    /** Columns of the queue that are written together: two cache lines of each row. */
    private static final int GROUP = 32;

    /**
     * State before the first step: the key encoder is a copy of the query encoder, and the queue random (docs/method.md
     * §1.2).
     */
    public static MocoState initial(NDManager manager, EncoderLayout layout, int dimension, int queueSize, long seed) {
        Shape length = new Shape(FlatLayout.length(layout.parameters()));
        float[] statistics = EncoderWeights.initialStatistics(layout);
        Shape norms = new Shape(statistics.length);
        NDArray query =
                FloatArrays.of(manager, length, numbers -> EncoderWeights.drawParameters(layout, seed, numbers));
        return new MocoState(
                query,
                FloatArrays.of(manager, norms, numbers -> numbers.put(statistics)),
                query.duplicate(),
                FloatArrays.of(manager, norms, numbers -> numbers.put(statistics)),
                manager.zeros(length),
                FloatArrays.of(
                        manager,
                        new Shape(dimension, queueSize),
                        numbers -> drawKeys(dimension, queueSize, seed, numbers)));
    }

    /** Draws columns one after another and writes them in groups, since single columns would touch all of the memory. */
    private static void drawKeys(int dimension, int queueSize, long seed, FloatBuffer queue) {
        CounterRandom random = CounterRandom.of(seed, QUEUE);
        double[] column = new double[dimension];
        float[] group = new float[dimension * GROUP];
        for (int first = 0; first < queueSize; first += GROUP) {
            int columns = Math.min(GROUP, queueSize - first);
            for (int k = 0; k < columns; k++) {
                double squares = 0;
                for (int d = 0; d < dimension; d++) {
                    column[d] = random.nextGaussian();
                    squares += column[d] * column[d];
                }
                double length = Math.sqrt(squares);
                for (int d = 0; d < dimension; d++) {
                    group[d * GROUP + k] = (float) (column[d] / length);
                }
            }
            for (int d = 0; d < dimension; d++) {
                queue.put(d * queueSize + first, group, d * GROUP, columns);
            }
        }
    }

    /**
     * This state with the weights of a file, and with its key encoder, momentum and queue where it has them; without a key
     * encoder, that is a copy of the query encoder. Arrays that are replaced are closed.
     *
     * @throws StageFailure bad data, naming a tensor that is missing or has another shape
     */
    MocoState replacedBy(Path file, EncoderLayout layout) throws IOException {
        InitialState initial = InitialState.read(file);
        EncoderWeights own = new EncoderWeights(query.toFloatArray(), queryStatistics.toFloatArray());
        EncoderWeights newQuery = EncoderFile.replaced(own, layout, initial.query(), file);
        EncoderWeights newKey = initial.key().isPresent()
                ? EncoderFile.replaced(own, layout, initial.key().get(), file)
                : newQuery;
        float[] newVelocity = velocity.toFloatArray();
        if (initial.momentum().isPresent()) {
            EncoderFile.copy(initial.momentum().get(), layout.parameters(), newVelocity, file);
        }
        MocoState replaced = new MocoState(
                like(query, newQuery.parameters()),
                like(queryStatistics, newQuery.statistics()),
                like(key, newKey.parameters()),
                like(keyStatistics, newKey.statistics()),
                like(velocity, newVelocity),
                like(queue, initial.queue().map(FloatTensor::values).orElseGet(queue::toFloatArray)));
        arrays().forEach(NDArray::close);
        return replaced;
    }

    private static NDArray like(NDArray array, float[] values) {
        if (values.length != array.size()) {
            throw StageFailure.badData(
                    "the initial state's queue must have " + array.size() + " numbers, found " + values.length);
        }
        return FloatArrays.of(array.getManager(), array.getShape(), numbers -> numbers.put(values));
    }

    /** The arrays of a state by the names that they have in a checkpoint. */
    static MocoState of(Map<String, NDArray> state) {
        List<NDArray> arrays = NAMES.stream()
                .map(name -> Objects.requireNonNull(state.get(name), name))
                .toList();
        return new MocoState(arrays.get(0), arrays.get(1), arrays.get(2), arrays.get(3), arrays.get(4), arrays.get(5));
    }

    /** Shapes of the arrays by the same names. */
    static Map<String, Shape> shapes(EncoderLayout layout, int dimension, int queueSize) {
        Shape numbers = new Shape(FlatLayout.length(layout.parameters()));
        Shape norms = new Shape(FlatLayout.length(layout.statistics()));
        return named(List.of(numbers, norms, numbers, norms, numbers, new Shape(dimension, queueSize)));
    }

    /** Every array by name. */
    Map<String, NDArray> named() {
        return named(arrays());
    }

    private static <T> Map<String, T> named(List<T> ofArrays) {
        Map<String, T> named = new LinkedHashMap<>();
        for (int i = 0; i < NAMES.size(); i++) {
            named.put(NAMES.get(i), ofArrays.get(i));
        }
        return named;
    }

    /** Every array, in the order of the components. */
    public List<NDArray> arrays() {
        return List.of(query, queryStatistics, key, keyStatistics, velocity, queue);
    }
}
