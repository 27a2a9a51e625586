package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.engine.FloatArrays;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FlatLayout;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
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

    /**
     * Initial state of encoders with one layout: drawn parameters, the same for each, running means 0 and variances 1, no
     * momentum.
     *
     * @param draw writes the parameters to a buffer of their length
     * @return the arrays of each encoder, by the names that they have in a checkpoint, in its order
     */
    public static Map<String, NDArray> initial(
            List<String> names, NDManager manager, EncoderLayout layout, Consumer<FloatBuffer> draw) {
        Shape length = new Shape(FlatLayout.length(layout.parameters()));
        float[] statistics = EncoderWeights.initialStatistics(layout);
        Map<String, NDArray> state = new LinkedHashMap<>();
        for (String name : names) {
            state.put(name, FloatArrays.of(manager, length, draw));
            state.put(
                    name + STATISTICS,
                    FloatArrays.of(manager, new Shape(statistics.length), numbers -> numbers.put(statistics)));
            state.put(name + VELOCITY, manager.zeros(length));
        }
        return state;
    }

    /** Shapes of the arrays of {@link #initial}, by the same names. */
    public static Map<String, Shape> shapes(List<String> names, EncoderLayout layout) {
        Shape length = new Shape(FlatLayout.length(layout.parameters()));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String name : names) {
            shapes.put(name, length);
            shapes.put(name + STATISTICS, new Shape(FlatLayout.length(layout.statistics())));
            shapes.put(name + VELOCITY, length);
        }
        return shapes;
    }

    /** The arrays of an encoder in a state, by the encoder's name. */
    public static TrainedEncoder of(String name, Map<String, NDArray> state) {
        return new TrainedEncoder(found(state, name), found(state, name + STATISTICS), found(state, name + VELOCITY));
    }

    private static NDArray found(Map<String, NDArray> state, String name) {
        return Objects.requireNonNull(state.get(name), name);
    }

    /** The buffer of a step's gradient, reused by every step, since to allocate an array of its size is slow. */
    public NDArray newGradient() {
        return parameters.getManager().create(parameters.getShape(), parameters.getDataType());
    }
}
