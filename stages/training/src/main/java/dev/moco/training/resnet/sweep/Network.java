package dev.moco.training.resnet.sweep;

import dev.moco.contract.ResNet;
import java.util.Optional;

/** Layers of an encoder in their order. */
@FunctionalInterface
public interface Network {
    /** Lets images flow through the layers. */
    Flow apply(Layers layers, Flow images);

    /** A ResNet and SimCLR's head. */
    static Network of(ResNet resnet) {
        return (layers, images) -> SimClrHead.apply(layers, layers.meanPool(features(layers, resnet, images)));
    }

    static Flow features(Layers layers, ResNet resnet, Flow images) {
        ResNet.Convolution stem = resnet.stem();
        Flow x = layers.norm(layers.convolution(images, stem.name(), stem.stride(), false), stem.norm(), true);
        x = resnet.maxPool() ? layers.maxPool(x) : x;
        for (var blocks : resnet.layers()) {
            for (ResNet.Block block : blocks) {
                x = block(layers, block, x);
            }
        }
        return x;
    }

    private static Flow block(Layers layers, ResNet.Block block, Flow input) {
        Flow main = Flow.of(input.outputs());
        int last = block.convolutions().size() - 1;
        for (int i = 0; i <= last; i++) {
            main = normed(layers, block.convolutions().get(i), main, i < last);
        }
        Flow shortcut = Flow.of(input.outputs());
        Optional<ResNet.Convolution> downsample = block.downsample();
        if (downsample.isPresent()) {
            shortcut = normed(layers, downsample.get(), shortcut, false);
        }
        return layers.residual(input, main, shortcut);
    }

    private static Flow normed(Layers layers, ResNet.Convolution convolution, Flow input, boolean relu) {
        return layers.norm(
                layers.convolution(input, convolution.name(), convolution.stride(), true), convolution.norm(), relu);
    }
}
