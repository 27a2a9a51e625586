package dev.moco.training.resnet.sweep;

/**
 * Layers of SimCLR's projection head (arXiv:2002.05709, section 2.1, and the code of 2020).
 *
 * @see dev.moco.training.resnet.EncoderLayout#withBatchNormHead
 */
final class SimClrHead {
    private SimClrHead() {}

    /** Adds the head to pooled features. */
    static Flow apply(Layers layers, Flow features) {
        Flow hidden = layers.norm(layers.linear(features, "head.0"), "head.1", true);
        return layers.normWithoutBias(layers.linear(hidden, "head.3"), "head.4");
    }
}
