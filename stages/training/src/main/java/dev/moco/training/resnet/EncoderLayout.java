package dev.moco.training.resnet;

import dev.moco.contract.Architecture;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.ResNet;
import dev.moco.contract.ResNet.Convolution;
import dev.moco.training.resnet.FlatLayout.BatchNormShape;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import dev.moco.training.resnet.FlatLayout.WeightShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An encoder's ResNet and projection head, and their places in its flat buffers ({@link FlatLayout}).
 *
 * @param head weights and biases of the projection head; empty without one
 */
public record EncoderLayout(ResNet resnet, List<HeadWeight> head) {
    public EncoderLayout {
        head = List.copyOf(head);
    }

    /** A linear layer's weight (out x in) or bias (out); {@code in} is the layer's fan-in in both. */
    public record HeadWeight(String name, int in, List<Integer> shape) {
        public HeadWeight {
            shape = List.copyOf(shape);
        }
    }

    /** A backbone without a head. */
    public static EncoderLayout backbone(Architecture architecture) {
        return new EncoderLayout(architecture.resnet(), List.of());
    }

    /** An encoder with keys of a dimension; head parameters have torchvision's names (docs/method.md §1.1). */
    public static EncoderLayout of(Architecture architecture, Head head, int dimension) {
        int features = architecture.features();
        List<HeadWeight> weights = new ArrayList<>();
        if (head == Head.MLP) {
            linear(weights, "fc.0", features, features);
            linear(weights, "fc.2", features, dimension);
        } else {
            linear(weights, "fc", features, dimension);
        }
        return new EncoderLayout(architecture.resnet(), weights);
    }

    private static void linear(List<HeadWeight> to, String name, int in, int out) {
        to.add(new HeadWeight(name + ".weight", in, List.of(out, in)));
        to.add(new HeadWeight(name + ".bias", in, List.of(out)));
    }

    /** Every parameter in the order of torchvision's {@code named_parameters()}. */
    public List<FlatTensor> parameters() {
        Map<String, FlatTensor> byName = new HashMap<>();
        flat().parameters().forEach(tensor -> byName.put(tensor.name(), tensor));
        List<FlatTensor> named = new ArrayList<>();
        for (Convolution convolution : resnet.convolutions()) {
            for (String name : List.of(
                    convolution.name() + ".weight", convolution.norm() + ".weight", convolution.norm() + ".bias")) {
                named.add(find(byName, name));
            }
        }
        head.forEach(weight -> named.add(find(byName, weight.name())));
        return named;
    }

    private static FlatTensor find(Map<String, FlatTensor> byName, String name) {
        FlatTensor tensor = byName.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no parameter " + name);
        }
        return tensor;
    }

    /** Every part of the buffer of batch-norm statistics, in its order. */
    public List<FlatTensor> statistics() {
        return flat().statistics();
    }

    /** The program's {@code shape}. */
    long[] shape() {
        return flat().shape();
    }

    private FlatLayout flat() {
        List<WeightShape> weights = new ArrayList<>();
        List<BatchNormShape> norms = new ArrayList<>();
        for (Convolution convolution : resnet.convolutions()) {
            weights.add(new WeightShape(convolution.name() + ".weight", convolution.shape()));
            norms.add(new BatchNormShape(convolution.norm(), convolution.out()));
        }
        head.forEach(weight -> weights.add(new WeightShape(weight.name(), weight.shape())));
        return new FlatLayout(resnet, weights, norms);
    }
}
