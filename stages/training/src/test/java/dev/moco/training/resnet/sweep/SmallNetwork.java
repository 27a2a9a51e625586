package dev.moco.training.resnet.sweep;

/** Two convolutions without a shortcut, and SimCLR's head. */
public final class SmallNetwork {
    private SmallNetwork() {}

    /** Layers of vectors 56 and 58. */
    public static Flow apply(Layers layers, Flow images) {
        Flow x = layers.norm(layers.convolution(images, "conv1", 2, false), "bn1", true);
        x = layers.norm(layers.convolution(x, "conv2", 2, true), "bn2", true);
        return SimClrHead.apply(layers, layers.meanPool(x));
    }
}
