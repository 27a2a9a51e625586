package dev.moco.training.resnet.sweep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.moco.training.engine.RankExchange;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.FlatLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes a process's part of the batch with batch statistics of the whole batch, in chunks whose number changes no result
 * ({@link Layers}); gradients go through the statistics of all chunks and processes.
 */
public final class GlobalNormEncoder implements AutoCloseable {
    /** Program that the encoder calls. */
    public static final String PROGRAM = "/dev/moco/training/resnet/global_norm.py";

    private final TorchProgram program;
    private final Network network;
    private final RankExchange exchange;
    private final NDManager manager;
    private final FlatViews views;
    private final int chunks;
    private final boolean biased;

    /**
     * An encoder of one process.
     *
     * @param program has the functions of {@value #PROGRAM}
     * @param gradient flat buffer to which gradients are added
     * @param chunks chunks of the process's part; 1 for one graph
     * @param biased true if running variances take the biased variance, as TensorFlow's do
     */
    public GlobalNormEncoder(
            TorchProgram program,
            Network network,
            FlatLayout layout,
            NDArray parameters,
            NDArray statistics,
            NDArray gradient,
            RankExchange exchange,
            int chunks,
            boolean biased) {
        this.program = program;
        this.network = network;
        this.exchange = exchange;
        this.manager = parameters.getManager().newSubManager();
        this.views = new FlatViews(manager, layout, parameters, gradient, statistics);
        this.chunks = chunks;
        this.biased = biased;
    }

    /**
     * A forward pass.
     *
     * @param outputs of the head, N x D
     * @param norms statistics of the batch norms, in the order of their use
     */
    public record ForwardPass(NDArray outputs, List<Layers.NormTrace> norms, Flow flow) {}

    /**
     * Encodes images and updates the running statistics.
     *
     * @param scope holds what the backward pass needs
     * @param images N x 3 x S x S, normalized
     */
    public ForwardPass encode(NDManager scope, NDArray images) {
        Layers layers = new Layers(program, views, exchange, scope, chunks, biased);
        Flow flow = network.apply(layers, Flow.of((own, chunk) -> slice(own, images, chunk)));
        NDList outputs = new NDList();
        for (int chunk = 0; chunk < chunks; chunk++) {
            outputs.add(flow.outputs().get(scope, chunk));
        }
        NDArray joined = NDArrays.concat(outputs);
        joined.attach(scope);
        return new ForwardPass(joined, layers.norms(), flow);
    }

    /** Adds the gradient of this process's images to the buffer, given that of the outputs. */
    public void backward(NDManager scope, ForwardPass encoded, NDArray outputGradient) {
        List<NDArray> byChunk = new ArrayList<>();
        for (int chunk = 0; chunk < chunks; chunk++) {
            byChunk.add(slice(scope, outputGradient, chunk));
        }
        encoded.flow().backward().apply(byChunk).forEach(NDArray::close);
    }

    private NDArray slice(NDManager scope, NDArray batch, int chunk) {
        long share = batch.getShape().get(0) / chunks;
        NDArray slice = batch.get(new NDIndex().addSliceDim(chunk * share, (chunk + 1) * share));
        slice.attach(scope);
        return slice;
    }

    @Override
    public void close() {
        manager.close();
    }
}
