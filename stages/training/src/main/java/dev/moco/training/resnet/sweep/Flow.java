package dev.moco.training.resnet.sweep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.Function;

/**
 * Outputs of a layer for all chunks, and the backward pass from them to the images.
 *
 * @param outputs what the next layer takes
 * @param backward takes the gradient of each chunk's outputs, adds those of the parameters to their buffers, and returns the
 *     gradient of each chunk of what the flow began with; the caller frees what it passes
 */
public record Flow(Outputs outputs, Function<List<NDArray>, List<NDArray>> backward) {
    /** Outputs of chunks: kept, or computed again from what is kept each time that they are needed. */
    public interface Outputs {
        NDArray get(NDManager scope, int chunk);
    }

    /** A flow that begins here. */
    static Flow of(Outputs outputs) {
        return new Flow(outputs, gradients -> gradients);
    }

    /** This flow with a layer behind it. */
    Flow then(Outputs next, Function<List<NDArray>, List<NDArray>> layerBackward) {
        return new Flow(next, gradients -> {
            List<NDArray> ofInputs = layerBackward.apply(gradients);
            List<NDArray> first = backward.apply(ofInputs);
            if (first != ofInputs) {
                ofInputs.forEach(NDArray::close);
            }
            return first;
        });
    }
}
