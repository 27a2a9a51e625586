package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * Arrays of an encoder that is trained by back-propagation.
 *
 * @param parameters flat
 * @param statistics running statistics of the batch norms, flat; those of the first group of the batch
 * @param velocity momentum buffer of the optimizer, like {@code parameters}
 */
public record TrainedEncoder(NDArray parameters, NDArray statistics, NDArray velocity) {
    /** Every array, in the order of the components. */
    public List<NDArray> arrays() {
        return List.of(parameters, statistics, velocity);
    }

    /** The buffer of a step's gradient, reused by every step, since to allocate an array of its size is slow. */
    public NDArray newGradient() {
        return parameters.getManager().create(parameters.getShape(), parameters.getDataType());
    }
}
