package dev.moco.training.weights.exchange;

import dev.moco.contract.ResNet;
import dev.moco.contract.ResNet.Convolution;
import java.util.ArrayList;
import java.util.List;

/** A tensor that a ResNet must have, by torchvision's name. */
record Expected(String name, List<Integer> shape, ParameterKind kind) {
    static final String COUNTER = ".num_batches_tracked";

    Expected {
        shape = List.copyOf(shape);
    }

    /** Kinds of values. */
    enum ParameterKind {
        WEIGHT,
        VARIANCE,
        /** A whole number that may be missing, as PyTorch before 0.4.1 did not count. */
        COUNTER
    }

    /** Every tensor of a backbone, in the order of torchvision's state dict. */
    static List<Expected> of(ResNet resnet) {
        List<Expected> all = new ArrayList<>();
        for (Convolution convolution : resnet.convolutions()) {
            List<Integer> channels = List.of(convolution.out());
            all.add(new Expected(convolution.name() + ".weight", convolution.shape(), ParameterKind.WEIGHT));
            for (String part : List.of(".weight", ".bias", ".running_mean")) {
                all.add(new Expected(convolution.norm() + part, channels, ParameterKind.WEIGHT));
            }
            all.add(new Expected(convolution.norm() + ".running_var", channels, ParameterKind.VARIANCE));
            all.add(new Expected(convolution.norm() + COUNTER, List.of(), ParameterKind.COUNTER));
        }
        return all;
    }

    /** A linear layer with a bias. */
    static List<Expected> linear(String name, int in, int out) {
        return List.of(
                new Expected(name + ".weight", List.of(out, in), ParameterKind.WEIGHT),
                new Expected(name + ".bias", List.of(out), ParameterKind.WEIGHT));
    }
}
