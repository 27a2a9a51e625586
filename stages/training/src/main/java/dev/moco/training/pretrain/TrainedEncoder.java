package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.engine.FloatArrays;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FlatLayout;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Arrays of an encoder that is trained by back-propagation.
 *
 * @param parameters flat
 * @param statistics running statistics of the batch norms, flat; those of the first group of the batch
 * @param velocity momentum buffer of the optimizer, like {@code parameters}
 */
public record TrainedEncoder(NDArray parameters, NDArray statistics, NDArray velocity) {
    private static final String STATISTICS = "-statistics";
    private static final String VELOCITY = "-velocity";

    /** Initial state: drawn parameters, running means 0 and variances 1, no momentum. */
    public static TrainedEncoder initial(NDManager manager, EncoderLayout layout, Consumer<FloatBuffer> parameters) {
        Shape length = new Shape(FlatLayout.length(layout.parameters()));
        float[] statistics = EncoderWeights.initialStatistics(layout);
        return new TrainedEncoder(
                FloatArrays.of(manager, length, parameters),
                FloatArrays.of(manager, new Shape(statistics.length), numbers -> numbers.put(statistics)),
                manager.zeros(length));
    }

    /** The arrays of an encoder in a state, by the encoder's name. */
    public static TrainedEncoder of(String name, Map<String, NDArray> state) {
        return new TrainedEncoder(found(state, name), found(state, name + STATISTICS), found(state, name + VELOCITY));
    }

    private static NDArray found(Map<String, NDArray> state, String name) {
        return Objects.requireNonNull(state.get(name), name);
    }

    /** Adds these arrays to a state. */
    public void addTo(Map<String, NDArray> state, String name) {
        state.put(name, parameters);
        state.put(name + STATISTICS, statistics);
        state.put(name + VELOCITY, velocity);
    }

    /** Adds the shapes of an encoder's arrays, by the same names. */
    public static void addShapes(Map<String, Shape> to, String name, EncoderLayout layout) {
        Shape length = new Shape(FlatLayout.length(layout.parameters()));
        to.put(name, length);
        to.put(name + STATISTICS, new Shape(FlatLayout.length(layout.statistics())));
        to.put(name + VELOCITY, length);
    }

    /** The buffer of a step's gradient, reused by every step, since to allocate an array of its size is slow. */
    public NDArray newGradient() {
        return parameters.getManager().create(parameters.getShape(), parameters.getDataType());
    }
}
