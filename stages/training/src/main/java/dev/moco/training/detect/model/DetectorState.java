package dev.moco.training.detect.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * What training changes, each one flat float32 buffer that {@link Layout} describes.
 *
 * @param parameters weights, gammas, betas
 * @param statistics running means and variances of the norms
 * @param velocity momentum buffer of SGD, like {@code parameters}
 */
public record DetectorState(NDArray parameters, NDArray statistics, NDArray velocity) implements AutoCloseable {

    /** The state before the first iteration. */
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
