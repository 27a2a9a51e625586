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
 * @param headNorms batch norms of the projection head
 */
public record EncoderLayout(ResNet resnet, List<HeadWeight> head, List<BatchNormShape> headNorms) {
    public EncoderLayout {
        head = List.copyOf(head);
        headNorms = List.copyOf(headNorms);
    }

    /** An encoder whose head has no batch norms. */
    public EncoderLayout(ResNet resnet, List<HeadWeight> head) {
        this(resnet, head, List.of());
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

    /**
     * An encoder with outputs of a dimension: keys, or scores of as many classes. Head parameters have torchvision's names
     * (docs/method.md §1.1).
     */
    public static EncoderLayout of(Architecture architecture, Head head, int dimension) {
        int features = architecture.features();
        List<HeadWeight> weights = new ArrayList<>();
        switch (head) {
            case FC, CLASSES -> linear(weights, "fc", features, dimension);
            case MLP -> {
                linear(weights, "fc.0", features, features);
                linear(weights, "fc.2", features, dimension);
            }
            case BATCH_NORM_MLP -> {
                return withBatchNormHead(architecture.resnet(), features, dimension);
            }
        }
        return new EncoderLayout(architecture.resnet(), weights);
    }

    /**
     * An encoder with SimCLR's head: Linear, batch norm, ReLU, Linear, batch norm; neither linear layer has a bias. The last
     * batch norm's bias has a place in the buffers and stays 0.
     */
    public static EncoderLayout withBatchNormHead(ResNet resnet, int features, int dimension) {
        return new EncoderLayout(
                resnet,
                List.of(
                        new HeadWeight("head.0.weight", features, List.of(features, features)),
                        new HeadWeight("head.3.weight", features, List.of(dimension, features))),
                List.of(new BatchNormShape("head.1", features), new BatchNormShape("head.4", dimension)));
    }

    private static void linear(List<HeadWeight> to, String name, int in, int out) {
        to.add(new HeadWeight(name + ".weight", in, List.of(out, in)));
        to.add(new HeadWeight(name + ".bias", in, List.of(out)));
    }

    /** The same backbone without a head. */
    public EncoderLayout withoutHead() {
        return new EncoderLayout(resnet, List.of());
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
        for (BatchNormShape norm : headNorms) {
            named.add(find(byName, norm.name() + ".weight"));
            named.add(find(byName, norm.name() + ".bias"));
        }
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

    /** Places of all tensors in the order of the buffers. */
    public FlatLayout flat() {
        List<WeightShape> weights = new ArrayList<>();
        List<BatchNormShape> norms = new ArrayList<>();
        for (Convolution convolution : resnet.convolutions()) {
            weights.add(new WeightShape(convolution.name() + ".weight", convolution.shape()));
            norms.add(new BatchNormShape(convolution.norm(), convolution.out()));
        }
        head.forEach(weight -> weights.add(new WeightShape(weight.name(), weight.shape())));
        norms.addAll(headNorms);
        return new FlatLayout(resnet, weights, norms);
    }
}
