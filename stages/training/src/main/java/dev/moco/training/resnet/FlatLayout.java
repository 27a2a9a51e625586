package dev.moco.training.resnet;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Where each parameter and batch-norm buffer of a network lies in its flat buffers (see {@code resnet.py}): weights,
 * then the norms' gammas, then their betas; and apart from them, running means, then running variances.
 *
 * @param weights in order of use
 * @param norms in order of use
 */
public record FlatLayout(List<Weight> weights, List<Norm> norms) {
    public FlatLayout {
        weights = List.copyOf(weights);
        norms = List.copyOf(norms);
    }

    /** A weight or bias. */
    public record Weight(String name, List<Integer> shape) {}

    /** A batch norm. */
    public record Norm(String name, int channels) {}

    /** A named part of a flat buffer. */
    public record Tensor(String name, int offset, List<Integer> shape) {
        public int size() {
            return product(shape);
        }
    }

    /** Every part of the buffer of parameters. */
    public List<Tensor> parameters() {
        return inOrder(Stream.of(weights, ofNorms(".weight"), ofNorms(".bias")));
    }

    /** Every part of the buffer of batch-norm statistics. */
    public List<Tensor> statistics() {
        return inOrder(Stream.of(ofNorms(".running_mean"), ofNorms(".running_var")));
    }

    private List<Weight> ofNorms(String kind) {
        return norms.stream()
                .map(norm -> new Weight(norm.name() + kind, List.of(norm.channels())))
                .toList();
    }

    private static List<Tensor> inOrder(Stream<List<Weight>> parts) {
        List<Tensor> tensors = new ArrayList<>();
        int offset = 0;
        for (Weight part : parts.flatMap(List::stream).toList()) {
            tensors.add(new Tensor(part.name(), offset, part.shape()));
            offset += product(part.shape());
        }
        return tensors;
    }

    /** Numbers in the buffer of some tensors. */
    public static int length(List<Tensor> tensors) {
        return tensors.stream().mapToInt(Tensor::size).sum();
    }

    /** The program's {@code sizes}: counts of weights and norms, then the length of each. */
    public long[] sizes() {
        return Stream.of(
                        LongStream.of(weights.size(), norms.size()),
                        weights.stream().mapToLong(weight -> product(weight.shape())),
                        norms.stream().mapToLong(Norm::channels))
                .flatMapToLong(numbers -> numbers)
                .toArray();
    }

    private static int product(List<Integer> shape) {
        return shape.stream().reduce(1, Math::multiplyExact);
    }
}
