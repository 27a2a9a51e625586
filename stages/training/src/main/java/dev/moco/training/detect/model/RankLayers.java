package dev.moco.training.detect.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.TorchProgram;
import java.util.List;

/**
 * Layers on the images of this process's ranks (see {@code layers.py}); lists hold one array for each of these ranks. What
 * batch norms sum over the ranks, they sum over those of all processes, in their order.
 *
 * <p>A caller closes what it no longer needs: the maps of a layer are hundreds of megabytes.
 */
final class RankLayers {
    private final TorchProgram program;
    private final NDManager manager;
    private final DetectorState state;
    private final Collectives collectives;
    private final int ranks;
    private final double momentum;
    private final NDList gradients;

    /**
     * Layers of one iteration.
     *
     * @param manager gets what the layers return
     * @param ranks ranks of all processes
     * @param momentum weight of the batch in the running statistics
     * @param gradients flat buffers to which gradients are added: one for each rank, or one in which the ranks are summed in
     *     their order; empty if no backward pass follows
     */
    RankLayers(
            TorchProgram program,
            NDManager manager,
            DetectorState state,
            Collectives collectives,
            int ranks,
            double momentum,
            NDList gradients) {
        this.program = program;
        this.manager = manager;
        this.state = state;
        this.collectives = collectives;
        this.ranks = ranks;
        this.momentum = momentum;
        this.gradients = gradients;
    }

    /** Calls a function that needs neither parameters nor other ranks. */
    NDList call(String function, Object... arguments) {
        return program.call(manager, function, arguments);
    }

    NDList convolve(Places.Convolution place, NDList inputs) {
        return call("convolve", inputs, state.parameters(), state.statistics(), place.weight(), place.norm());
    }

    /** Gradients of the inputs, if they are needed; closes those of the outputs. */
    NDList convolveBackward(Places.Convolution place, NDList grads, NDList inputs, boolean needsInputGradient) {
        NDList found = new NDList();
        for (int i = 0; i < grads.size(); i++) {
            found.addAll(call(
                    "convolve_backward",
                    grads.get(i),
                    inputs.get(i),
                    state.parameters(),
                    state.statistics(),
                    gradients.get(gradients.size() == 1 ? 0 : i),
                    place.weight(),
                    place.norm(),
                    needsInputGradient));
            grads.get(i).close();
        }
        return found;
    }

    /** Mean and variance of the batch; updates the running statistics. */
    NDList statistics(List<Object> norm, NDList inputs) {
        NDArray moments = sum(call("rank_moments", inputs, state.statistics(), ranks));
        return call("shared_statistics", moments, state.parameters(), state.statistics(), norm, momentum);
    }

    NDList normalize(List<Object> norm, NDList inputs, NDList ofBatch, boolean relu) {
        return call("normalize", inputs, state.parameters(), state.statistics(), norm, ofBatch, relu);
    }

    /**
     * Gradients of a batch norm's inputs.
     *
     * @param free true to close the gradients of the outputs
     */
    NDList normalizeBackward(List<Object> norm, NDList grads, NDList inputs, NDList ofBatch, boolean free) {
        NDList found = new NDList();
        NDArray sums = sum(call("norm_sums", grads, inputs, ofBatch));
        // The gradients of all processes are summed in the end, and these are sums already.
        if (collectives.world().writes()) {
            call("add_norm_gradient", gradients.get(0), norm, sums);
        }
        for (int i = 0; i < grads.size(); i++) {
            found.addAll(call(
                    "norm_input_gradient",
                    grads.get(i),
                    inputs.get(i),
                    state.parameters(),
                    state.statistics(),
                    norm,
                    ofBatch,
                    sums,
                    ranks));
            if (free) {
                grads.get(i).close();
            }
        }
        return found;
    }

    /** Means over height and width, float32. */
    NDList meanOverCells(NDList maps) {
        return call("mean_over_cells", maps, state.parameters());
    }

    /** Sum over the ranks of all processes; closes the addends. */
    private NDArray sum(NDList ofRanks) {
        NDArray sum = ofRanks.get(0).zerosLike();
        sum.attach(manager);
        collectives.sumInOrder(ofRanks, sum);
        ofRanks.close();
        return sum;
    }
}
