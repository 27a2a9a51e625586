package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FlatLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * What pre-training changes; all of it is in a checkpoint.
 *
 * @param query parameters of the query encoder, flat
 * @param queryStatistics its batch-norm statistics: those of rank 0, as DDP broadcasts them
 * @param key parameters of the key encoder, flat
 * @param keyStatistics its batch-norm statistics, of rank 0
 * @param velocity momentum buffer of SGD, like {@code query}
 * @param queue keys as columns, dimension x queue size, each of unit length
 */
public record MocoState(
        NDArray query, NDArray queryStatistics, NDArray key, NDArray keyStatistics, NDArray velocity, NDArray queue) {
    /** Keeps the queue's numbers apart from those of the encoder, which has a tensor's index here. */
    private static final long QUEUE = -1;
    /** Columns of the queue that are written together: two cache lines a row. */
    private static final int GROUP = 32;

    /** The state before the first step: the key encoder is the query encoder, the queue is random (RECIPE §1.1-1.2). */
    public static MocoState initial(NDManager manager, EncoderLayout layout, int dimension, int queueSize, long seed) {
        int length = FlatLayout.length(layout.parameters());
        float[] statistics = EncoderWeights.initialStatistics(layout);
        // Native memory, which a CPU's arrays take over as it is: each page less to touch is time.
        ByteBuffer query = floats(length);
        EncoderWeights.drawParameters(layout, seed, query.asFloatBuffer());
        ByteBuffer key = floats(length).put(0, query, 0, query.capacity());
        ByteBuffer queue = floats(Math.multiplyExact(dimension, queueSize));
        drawKeys(dimension, queueSize, seed, queue.asFloatBuffer());
        return new MocoState(
                manager.create(query, new Shape(length), DataType.FLOAT32),
                manager.create(statistics),
                manager.create(key, new Shape(length), DataType.FLOAT32),
                manager.create(statistics),
                manager.zeros(new Shape(length)),
                manager.create(queue, new Shape(dimension, queueSize), DataType.FLOAT32));
    }

    private static ByteBuffer floats(int count) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(count, Float.BYTES)).order(ByteOrder.nativeOrder());
    }

    /** Columns are drawn one after another, and written in groups: a number of each would touch all of the memory. */
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

    /** Every array, in the order of the components. */
    public List<NDArray> arrays() {
        return List.of(query, queryStatistics, key, keyStatistics, velocity, queue);
    }
}
