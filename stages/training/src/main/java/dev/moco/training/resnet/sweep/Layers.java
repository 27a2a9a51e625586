package dev.moco.training.resnet.sweep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.sweep.Flow.Outputs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Layers of one forward and backward pass over the chunks of a process's ranks (see {@code global_norm.py}), each rank's one
 * after another. What is summed over the batch is summed for each rank, then over the ranks in their order.
 *
 * <p>A batch norm needs the sums of all chunks, and of all processes, before it can go on: each layer is computed for every
 * chunk before the next one begins. The inputs of the batch norms are kept, and so are the outputs of residual blocks; what
 * lies between is computed again in the backward pass.
 */
public final class Layers {
    private static final double MOMENTUM = 0.1;

    private final TorchProgram program;
    private final FlatViews views;
    private final Collectives collectives;
    private final NDManager scope;
    private final int ownRanks;
    private final int chunks;
    private final boolean biased;
    private final List<NormTrace> norms = new ArrayList<>();

    /**
     * A pass.
     *
     * @param scope holds what is kept
     * @param ownRanks ranks of this process
     * @param chunks chunks of a rank
     * @param biased true if the running variance takes the biased variance of the batch
     */
    Layers(
            TorchProgram program,
            FlatViews views,
            Collectives collectives,
            NDManager scope,
            int ownRanks,
            int chunks,
            boolean biased) {
        this.program = program;
        this.views = views;
        this.collectives = collectives;
        this.scope = scope;
        this.ownRanks = ownRanks;
        this.chunks = chunks;
        this.biased = biased;
    }

    /**
     * Statistics of a batch norm.
     *
     * @param moments count, mean and biased variance of the whole batch, 3 x C
     */
    public record NormTrace(String name, NDArray moments) {}

    /** Batch norms in the order of their use. */
    List<NormTrace> norms() {
        return norms;
    }

    /** A convolution without bias, padded by half its kernel. */
    public Flow convolution(Flow input, String name, int stride, boolean needsInputGradient) {
        NDArray weight = views.parameter(name + ".weight");
        Outputs inputs = input.outputs();
        List<NDArray> kept = each((own, chunk) -> call(own, "convolve", inputs.get(own, chunk), weight, stride));
        return input.then(kept(kept), gradients -> {
            List<NDArray> ofRanks = zeros(weight);
            List<NDArray> ofInputs = each((own, chunk) -> {
                NDList found = program.call(
                        own,
                        "convolve_backward",
                        gradients.get(chunk),
                        inputs.get(own, chunk),
                        weight,
                        ofRanks.get(chunk / chunks),
                        stride,
                        needsInputGradient);
                return needsInputGradient ? found.singletonOrThrow() : gradients.get(chunk);
            });
            addGradient(name + ".weight", ofRanks);
            return ofInputs;
        });
    }

    /** A linear layer without bias. */
    public Flow linear(Flow input, String name) {
        NDArray weight = views.parameter(name + ".weight");
        Outputs inputs = input.outputs();
        List<NDArray> kept = each((own, chunk) -> call(own, "dense", inputs.get(own, chunk), weight));
        return input.then(kept(kept), gradients -> {
            List<NDArray> ofRanks = zeros(weight);
            List<NDArray> ofInputs = each((own, chunk) -> call(
                    own,
                    "dense_backward",
                    gradients.get(chunk),
                    inputs.get(own, chunk),
                    weight,
                    ofRanks.get(chunk / chunks)));
            addGradient(name + ".weight", ofRanks);
            return ofInputs;
        });
    }

    /** A batch norm with the statistics of the whole batch, and a ReLU if it follows; its inputs are kept ones. */
    public Flow norm(Flow input, String name, boolean relu) {
        return norm(input, name, relu, true);
    }

    /** A batch norm whose bias stays as it is. */
    public Flow normWithoutBias(Flow input, String name) {
        return norm(input, name, false, false);
    }

    private Flow norm(Flow input, String name, boolean relu, boolean trainsBias) {
        NDArray weight = views.parameter(name + ".weight");
        NDArray bias = views.parameter(name + ".bias");
        Outputs inputs = input.outputs();
        NDArray moments = moments(inputs);
        norms.add(new NormTrace(name, moments));
        program.call(
                scope,
                "update_running",
                views.statistic(name + ".running_mean"),
                views.statistic(name + ".running_var"),
                moments,
                MOMENTUM,
                biased);
        Outputs outputs = (own, chunk) -> call(own, "global_norm", inputs.get(own, chunk), moments, weight, bias, relu);
        return input.then(outputs, gradients -> {
            List<NDArray> masked = relu
                    ? each((own, chunk) -> call(own, "relu_mask", gradients.get(chunk), outputs.get(own, chunk)))
                    : gradients;
            List<NDArray> ofRanks = sums(
                    each((own, chunk) -> call(own, "norm_sums", masked.get(chunk), inputs.get(own, chunk), moments)));
            if (trainsBias) {
                addGradient(name + ".bias", rows(ofRanks, 0));
            }
            addGradient(name + ".weight", rows(ofRanks, 1));
            NDArray sums = ofRanks.get(0).zerosLike();
            sums.attach(scope);
            collectives.sumInOrder(ofRanks, sums);
            List<NDArray> ofInputs = each((own, chunk) ->
                    call(own, "norm_input_gradient", masked.get(chunk), inputs.get(own, chunk), moments, weight, sums));
            if (relu) {
                masked.forEach(NDArray::close);
            }
            return ofInputs;
        });
    }

    /** torchvision's 3x3 max pool behind the stem. */
    public Flow maxPool(Flow input) {
        return layer(input, "pool_max", "pool_max_backward");
    }

    /** Means over height and width. */
    public Flow meanPool(Flow input) {
        return layer(input, "pool_mean", "pool_mean_backward");
    }

    private Flow layer(Flow input, String forward, String backward) {
        Outputs inputs = input.outputs();
        List<NDArray> kept = each((own, chunk) -> call(own, forward, inputs.get(own, chunk)));
        return input.then(
                kept(kept),
                gradients -> each((own, chunk) -> call(own, backward, gradients.get(chunk), inputs.get(own, chunk))));
    }

    /**
     * The ReLU of a sum of two branches from the same input.
     *
     * @param input where both branches begin
     * @param main flow from the input's outputs
     * @param shortcut likewise
     */
    public Flow residual(Flow input, Flow main, Flow shortcut) {
        List<NDArray> kept = each((own, chunk) -> call(
                own,
                "add_relu",
                main.outputs().get(own, chunk),
                shortcut.outputs().get(own, chunk)));
        return input.then(kept(kept), gradients -> {
            List<NDArray> masked = each((own, chunk) -> call(own, "relu_mask", gradients.get(chunk), kept.get(chunk)));
            List<NDArray> ofMain = main.backward().apply(masked);
            List<NDArray> ofShortcut = shortcut.backward().apply(masked);
            List<NDArray> sum = each((own, chunk) -> call(own, "plus", ofMain.get(chunk), ofShortcut.get(chunk)));
            List.of(masked, ofMain, ofShortcut).forEach(used -> used.forEach(NDArray::close));
            return sum;
        });
    }

    private NDArray moments(Outputs inputs) {
        NDList parts = new NDList(each((own, chunk) -> call(own, "channel_moments", inputs.get(own, chunk))));
        return call(scope, "merge_moments", collectives.allGather(scope, call(scope, "stacked", parts)));
    }

    /** Buffers like an array, one for each rank of this process. */
    private List<NDArray> zeros(NDArray like) {
        List<NDArray> zeros = new ArrayList<>();
        for (int rank = 0; rank < ownRanks; rank++) {
            NDArray buffer = like.zerosLike();
            buffer.attach(scope);
            zeros.add(buffer);
        }
        return zeros;
    }

    /** The sum of each rank's chunks; the chunks are freed. */
    private List<NDArray> sums(List<NDArray> ofChunks) {
        List<NDArray> ofRanks = zeros(ofChunks.get(0));
        for (int chunk = 0; chunk < ofChunks.size(); chunk++) {
            ofRanks.get(chunk / chunks).addi(ofChunks.get(chunk));
        }
        ofChunks.forEach(NDArray::close);
        return ofRanks;
    }

    private List<NDArray> rows(List<NDArray> arrays, int row) {
        List<NDArray> rows = new ArrayList<>();
        for (NDArray array : arrays) {
            NDArray copy = array.get(row).duplicate();
            copy.attach(scope);
            rows.add(copy);
        }
        return rows;
    }

    /** Adds the sum over all ranks of all processes to a parameter's gradient; the buffers are freed. */
    private void addGradient(String name, List<NDArray> ofRanks) {
        NDArray sum = ofRanks.get(0).zerosLike();
        collectives.sumInOrder(ofRanks, sum);
        views.gradient(name).addi(sum);
        sum.close();
        ofRanks.forEach(NDArray::close);
    }

    private static Outputs kept(List<NDArray> arrays) {
        return (own, chunk) -> arrays.get(chunk);
    }

    /** Computes an array of each chunk, with a manager of its own for what is not kept. */
    private List<NDArray> each(BiFunction<NDManager, Integer, NDArray> work) {
        List<NDArray> results = new ArrayList<>();
        for (int chunk = 0; chunk < ownRanks * chunks; chunk++) {
            try (NDManager own = scope.newSubManager()) {
                NDArray result = work.apply(own, chunk);
                result.attach(scope);
                results.add(result);
            }
        }
        return results;
    }

    private NDArray call(NDManager own, String function, Object... arguments) {
        return program.call(own, function, arguments).singletonOrThrow();
    }
}
