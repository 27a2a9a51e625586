package dev.moco.training.resnet.sweep;

import dev.moco.contract.ResNet;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.resnet.FlatLayout.BatchNormShape;
import dev.moco.training.resnet.FlatLayout.WeightShape;
import java.util.ArrayList;
import java.util.List;

/**
 * SimCLR's projection head (arXiv:2002.05709, section 2.1, and the code of 2020): Linear, batch norm, ReLU, Linear, batch norm;
 * neither linear layer has a bias. The last batch norm's bias has a place in the buffers and stays 0.
 */
public final class SimClrHead {
    private SimClrHead() {}

    /** Adds the head to pooled features. */
    static Flow apply(Layers layers, Flow features) {
        Flow hidden = layers.norm(layers.linear(features, "head.0"), "head.1", true);
        return layers.normWithoutBias(layers.linear(hidden, "head.3"), "head.4");
    }

    /** Places of all parameters and statistics. */
    public static FlatLayout layout(ResNet resnet, int features, int dimension) {
        List<WeightShape> weights = new ArrayList<>();
        List<BatchNormShape> norms = new ArrayList<>();
        for (ResNet.Convolution convolution : resnet.convolutions()) {
            weights.add(new WeightShape(convolution.name() + ".weight", convolution.shape()));
            norms.add(new BatchNormShape(convolution.norm(), convolution.out()));
        }
        weights.add(new WeightShape("head.0.weight", List.of(features, features)));
        weights.add(new WeightShape("head.3.weight", List.of(dimension, features)));
        norms.add(new BatchNormShape("head.1", features));
        norms.add(new BatchNormShape("head.4", dimension));
        return new FlatLayout(resnet, weights, norms);
    }
}
