package dev.moco.training.detect.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * State of training: flat float32 buffers in the order of {@link DetectorLayout}.
 *
 * @param parameters weights and biases, then gammas and betas of the batch norms
 * @param statistics running means and variances of the batch norms
 * @param velocity momentum buffer of SGD, in the order of {@code parameters}
 */
public record DetectorState(NDArray parameters, NDArray statistics, NDArray velocity) implements AutoCloseable {

    /** State before the first iteration. */
    public static DetectorState start(NDManager manager, InitialWeights weights) {
        return of(manager, weights.parameters(), weights.statistics(), new float[weights.parameters().length]);
    }

    public static DetectorState of(NDManager manager, float[] parameters, float[] statistics, float[] velocity) {
        return new DetectorState(
                manager.create(parameters, new Shape(parameters.length)),
                manager.create(statistics, new Shape(statistics.length)),
                manager.create(velocity, new Shape(velocity.length)));
    }

    @Override
    public void close() {
        parameters.close();
        statistics.close();
        velocity.close();
    }
}
