package dev.moco.training.resnet;

import dev.moco.contract.ResNet;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Places of the parameters and batch-norm statistics of a network in its flat buffers (see {@code resnet.py}): weights in
 * order of use, then the weights (gammas) of the batch norms, then their biases (betas); and in another buffer the running
 * means, then the running variances.
 *
 * @param resnet the ResNet, whose convolutions come first
 * @param weights weights of the ResNet's convolutions, then weights and biases of what is built on it
 * @param norms batch norms of the ResNet's convolutions, then those of what is built on it
 */
public record FlatLayout(ResNet resnet, List<WeightShape> weights, List<BatchNormShape> norms) {
    public FlatLayout {
        weights = List.copyOf(weights);
        norms = List.copyOf(norms);
    }

    /** A weight or bias. */
    public record WeightShape(String name, List<Integer> shape) {}

    /** A batch norm. */
    public record BatchNormShape(String name, int channels) {}

    /** A named part of a flat buffer. */
    public record FlatTensor(String name, int offset, List<Integer> shape) {
        public int size() {
            return product(shape);
        }
    }

    /** Every part of the buffer of parameters. */
    public List<FlatTensor> parameters() {
        return inOrder(Stream.of(weights, ofNorms(".weight"), ofNorms(".bias")));
    }

    /** Every part of the buffer of batch-norm statistics. */
    public List<FlatTensor> statistics() {
        return inOrder(Stream.of(ofNorms(".running_mean"), ofNorms(".running_var")));
    }

    private List<WeightShape> ofNorms(String kind) {
        return norms.stream()
                .map(norm -> new WeightShape(norm.name() + kind, List.of(norm.channels())))
                .toList();
    }

    private static List<FlatTensor> inOrder(Stream<List<WeightShape>> parts) {
        List<FlatTensor> tensors = new ArrayList<>();
        int offset = 0;
        for (WeightShape part : parts.flatMap(List::stream).toList()) {
            tensors.add(new FlatTensor(part.name(), offset, part.shape()));
            offset += product(part.shape());
        }
        return tensors;
    }

    /** Numbers in the buffer of some tensors. */
    public static int length(List<FlatTensor> tensors) {
        return tensors.stream().mapToInt(FlatTensor::size).sum();
    }

    /**
     * The program's {@code shape}, which {@code build_network} reads: number of weights and of norms, length of each weight,
     * channels of each norm; then the ResNet.
     */
    public long[] shape() {
        return Stream.of(
                        LongStream.of(weights.size(), norms.size()),
                        weights.stream().mapToLong(weight -> product(weight.shape())),
                        norms.stream().mapToLong(BatchNormShape::channels),
                        numbers(resnet))
                .flatMapToLong(numbers -> numbers)
                .toArray();
    }

    /** The stem, 1 if the max pool follows, the number of layers; for each layer the number of blocks, then each block. */
    private static LongStream numbers(ResNet resnet) {
        LongStream layers = resnet.layers().stream()
                .flatMapToLong(blocks -> LongStream.concat(
                        LongStream.of(blocks.size()), blocks.stream().flatMapToLong(FlatLayout::numbers)));
        LongStream counts =
                LongStream.of(resnet.maxPool() ? 1 : 0, resnet.layers().size());
        return Stream.of(numbers(resnet.stem()), counts, layers).flatMapToLong(numbers -> numbers);
    }

    /** The number of convolutions and each of them; 1 and the downsample, or 0. */
    private static LongStream numbers(ResNet.Block block) {
        return Stream.of(
                        LongStream.of(block.convolutions().size()),
                        block.convolutions().stream().flatMapToLong(FlatLayout::numbers),
                        LongStream.of(block.downsample().isPresent() ? 1 : 0),
                        block.downsample().stream().flatMapToLong(FlatLayout::numbers))
                .flatMapToLong(numbers -> numbers);
    }

    /** Input channels, kernel and stride; the output channels are those of the norm. */
    private static LongStream numbers(ResNet.Convolution convolution) {
        return LongStream.of(convolution.in(), convolution.kernel(), convolution.stride());
    }

    private static int product(List<Integer> shape) {
        return shape.stream().reduce(1, Math::multiplyExact);
    }
}
