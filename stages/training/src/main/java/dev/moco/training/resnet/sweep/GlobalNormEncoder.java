package dev.moco.training.resnet.sweep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.FlatLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes the images of a process's ranks with batch statistics of the whole batch, in chunks whose number changes results by
 * rounding alone ({@link Layers}); gradients go through the statistics of all chunks and processes.
 */
public final class GlobalNormEncoder implements AutoCloseable {
    /** Program that the encoder calls. */
    public static final String PROGRAM = "/dev/moco/training/resnet/global_norm.py";

    private final TorchProgram program;
    private final Network network;
    private final Collectives collectives;
    private final NDManager manager;
    private final FlatViews views;
    private final int ownRanks;
    private final int chunks;
    private final boolean biased;

    /**
     * An encoder of one process.
     *
     * @param program has the functions of {@value #PROGRAM}
     * @param gradient flat buffer to which gradients are added, summed over the ranks of all processes
     * @param ranks ranks of all processes
     * @param chunks chunks of a rank; 1 for one graph
     * @param biased true if running variances take the biased variance, as TensorFlow's do
     */
    public GlobalNormEncoder(
            TorchProgram program,
            Network network,
            FlatLayout layout,
            NDArray parameters,
            NDArray statistics,
            NDArray gradient,
            Collectives collectives,
            int ranks,
            int chunks,
            boolean biased) {
        this.program = program;
        this.network = network;
        this.collectives = collectives;
        this.manager = parameters.getManager().newSubManager();
        this.views = new FlatViews(manager, layout, parameters, gradient, statistics);
        this.ownRanks = collectives.world().ranks(ranks);
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
     * @param images N x 3 x S x S, normalized; those of each rank together, in the order of the ranks
     */
    public ForwardPass encode(NDManager scope, NDArray images) {
        Layers layers = new Layers(program, views, collectives, scope, ownRanks, chunks, biased);
        Flow flow = network.apply(layers, Flow.of((own, chunk) -> slice(own, images, chunk)));
        NDList outputs = new NDList();
        for (int chunk = 0; chunk < ownRanks * chunks; chunk++) {
            outputs.add(flow.outputs().get(scope, chunk));
        }
        NDArray joined = NDArrays.concat(outputs);
        joined.attach(scope);
        return new ForwardPass(joined, layers.norms(), flow);
    }

    /** Adds the gradient of the images of all ranks to the buffer, given that of this process's outputs. */
    public void backward(NDManager scope, ForwardPass encoded, NDArray outputGradient) {
        List<NDArray> byChunk = new ArrayList<>();
        for (int chunk = 0; chunk < ownRanks * chunks; chunk++) {
            byChunk.add(slice(scope, outputGradient, chunk));
        }
        encoded.flow().backward().apply(byChunk).forEach(NDArray::close);
    }

    private NDArray slice(NDManager scope, NDArray batch, int chunk) {
        long share = batch.getShape().get(0) / ((long) ownRanks * chunks);
        NDArray slice = batch.get(new NDIndex().addSliceDim(chunk * share, (chunk + 1) * share));
        slice.attach(scope);
        return slice;
    }

    @Override
    public void close() {
        manager.close();
    }
}
