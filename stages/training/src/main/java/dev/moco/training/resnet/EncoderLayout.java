package dev.moco.training.resnet;

import dev.moco.contract.Architecture;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.resnet.FlatLayout.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An encoder's convolutions and head, and where their numbers lie in its flat buffers ({@link FlatLayout}).
 *
 * @param architecture numbers that the program takes as {@code arch}
 * @param convolutions in torchvision's order; each has a norm
 * @param head weights and biases of the projection head; empty without one
 */
public record EncoderLayout(List<Long> architecture, List<Convolution> convolutions, List<Weight> head) {
    public EncoderLayout {
        architecture = List.copyOf(architecture);
        convolutions = List.copyOf(convolutions);
        head = List.copyOf(head);
    }

    /** A square convolution without bias, and the norm after it. */
    public record Convolution(String name, String norm, int in, int out, int side) {
        public List<Integer> shape() {
            return List.of(out, in, side, side);
        }
    }

    /** A linear layer's weight (out x in) or bias (out); {@code in} is the layer's fan-in in both. */
    public record Weight(String name, int in, List<Integer> shape) {
        public Weight {
            shape = List.copyOf(shape);
        }
    }

    /** A backbone without a head. */
    public static EncoderLayout backbone(Architecture architecture) {
        return new EncoderLayout(numbers(architecture), resnet(architecture), List.of());
    }

    /** An encoder whose keys have a dimension; head parameters have torchvision's names (docs/method.md §1.1). */
    public static EncoderLayout of(Architecture architecture, Head head, int dimension) {
        int features = architecture.features();
        List<Weight> weights = new ArrayList<>();
        if (head == Head.MLP) {
            linear(weights, "fc.0", features, features);
            linear(weights, "fc.2", features, dimension);
        } else {
            linear(weights, "fc", features, dimension);
        }
        return new EncoderLayout(numbers(architecture), resnet(architecture), weights);
    }

    private static void linear(List<Weight> to, String name, int in, int out) {
        to.add(new Weight(name + ".weight", in, List.of(out, in)));
        to.add(new Weight(name + ".bias", in, List.of(out)));
    }

    private static List<Long> numbers(Architecture architecture) {
        List<Long> numbers = new ArrayList<>();
        numbers.add(architecture.bottleneck() ? 1L : 0L);
        numbers.add(architecture.imagenetStem() ? 1L : 0L);
        architecture.blocks().forEach(blocks -> numbers.add(blocks.longValue()));
        return numbers;
    }

    /** Convolutions of a backbone in torchvision's order. */
    public static List<Convolution> resnet(Architecture architecture) {
        List<Convolution> convolutions = new ArrayList<>();
        int width = architecture.width();
        convolutions.add(new Convolution("conv1", "bn1", 3, width, architecture.imagenetStem() ? 7 : 3));
        int expansion = architecture.bottleneck() ? 4 : 1;
        int channels = width;
        for (int layer = 1; layer <= 4; layer++) {
            int inner = width << (layer - 1);
            for (int block = 0; block < architecture.blocks().get(layer - 1); block++) {
                addBlock(convolutions, "layer" + layer + "." + block + ".", channels, inner, inner * expansion);
                channels = inner * expansion;
            }
        }
        return convolutions;
    }

    private static void addBlock(List<Convolution> to, String name, int in, int inner, int out) {
        if (inner == out) {
            to.add(new Convolution(name + "conv1", name + "bn1", in, inner, 3));
            to.add(new Convolution(name + "conv2", name + "bn2", inner, out, 3));
        } else {
            to.add(new Convolution(name + "conv1", name + "bn1", in, inner, 1));
            to.add(new Convolution(name + "conv2", name + "bn2", inner, inner, 3));
            to.add(new Convolution(name + "conv3", name + "bn3", inner, out, 1));
        }
        if (in != out) {
            to.add(new Convolution(name + "downsample.0", name + "downsample.1", in, out, 1));
        }
    }

    /** Every parameter in the order of torchvision's {@code named_parameters()}. */
    public List<Tensor> parameters() {
        Map<String, Tensor> byName = new HashMap<>();
        flat().parameters().forEach(tensor -> byName.put(tensor.name(), tensor));
        List<Tensor> named = new ArrayList<>();
        for (Convolution convolution : convolutions) {
            for (String name : List.of(
                    convolution.name() + ".weight", convolution.norm() + ".weight", convolution.norm() + ".bias")) {
                named.add(find(byName, name));
            }
        }
        head.forEach(weight -> named.add(find(byName, weight.name())));
        return named;
    }

    private static Tensor find(Map<String, Tensor> byName, String name) {
        Tensor tensor = byName.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no parameter " + name);
        }
        return tensor;
    }

    /** Every part of the buffer of batch-norm statistics, in its order. */
    public List<Tensor> statistics() {
        return flat().statistics();
    }

    /** The program's {@code sizes}. */
    public long[] sizes() {
        return flat().sizes();
    }

    private FlatLayout flat() {
        List<FlatLayout.Weight> weights = new ArrayList<>();
        convolutions.forEach(
                convolution -> weights.add(new FlatLayout.Weight(convolution.name() + ".weight", convolution.shape())));
        head.forEach(weight -> weights.add(new FlatLayout.Weight(weight.name(), weight.shape())));
        return new FlatLayout(
                weights,
                convolutions.stream()
                        .map(convolution -> new FlatLayout.Norm(convolution.norm(), convolution.out()))
                        .toList());
    }

    /** The program's {@code arch}. */
    public long[] arch() {
        return architecture.stream().mapToLong(Long::longValue).toArray();
    }
}
