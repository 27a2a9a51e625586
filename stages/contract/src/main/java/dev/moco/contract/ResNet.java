package dev.moco.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The layers of a ResNet as torchvision has them. Everything that depends on the network's shape is derived from this:
 * parameter counts, memory, the layout of the flat buffers, and the network that the training program builds.
 *
 * @param stem first convolution
 * @param maxPool whether torchvision's 3x3 max pool with stride 2 follows the stem
 * @param layers residual blocks of layer1 to layer4
 */
public record ResNet(Convolution stem, boolean maxPool, List<List<Block>> layers) {
    /** Number of layer3, the last of a detector's trunk. */
    static final int LAYER3 = 3;

    /** Number of layer4, the last of an encoder. */
    static final int LAYER4 = 4;

    private static final int COLORS = 3;

    public ResNet {
        layers = layers.stream().map(List::copyOf).toList();
    }

    /**
     * A square convolution without bias, padded by half its kernel, and the batch norm after it.
     *
     * @param name torchvision's name of the convolution
     * @param norm torchvision's name of the batch norm
     * @param in input channels
     * @param out output channels, and those of the batch norm
     * @param kernel side of the kernel
     * @param stride stride on both axes
     */
    public record Convolution(String name, String norm, int in, int out, int kernel, int stride) {
        /** Shape of the weight. */
        public List<Integer> shape() {
            return List.of(out, in, kernel, kernel);
        }

        /** Numbers in the weight, and in weight and bias of the batch norm. */
        public long parameters() {
            return (long) out * in * kernel * kernel + 2L * out;
        }
    }

    /**
     * A residual block.
     *
     * @param convolutions conv1, conv2 and, in a bottleneck, conv3
     * @param downsample projection of the shortcut; empty if the block leaves the shape as it is
     */
    public record Block(List<Convolution> convolutions, Optional<Convolution> downsample) {
        public Block {
            convolutions = List.copyOf(convolutions);
        }

        /** Output channels. */
        public int out() {
            return convolutions.get(convolutions.size() - 1).out();
        }
    }

    /** torchvision's ResNet: a 7x7 stem with stride 2, then its max pool. */
    static ResNet imagenet(int width, boolean bottleneck, List<Integer> blocks) {
        return new ResNet(
                new Convolution("conv1", "bn1", COLORS, width, 7, 2), true, layers(width, bottleneck, blocks));
    }

    /** A ResNet for images of about 32 pixels: a 3x3 stem with stride 2, no max pool, basic blocks. */
    static ResNet small(int width, List<Integer> blocks) {
        return new ResNet(new Convolution("conv1", "bn1", COLORS, width, 3, 2), false, layers(width, false, blocks));
    }

    private static List<List<Block>> layers(int width, boolean bottleneck, List<Integer> blocks) {
        List<List<Block>> layers = new ArrayList<>();
        int in = width;
        for (int layer = 0; layer < blocks.size(); layer++) {
            List<Block> sameSize = new ArrayList<>();
            for (int block = 0; block < blocks.get(layer); block++) {
                String name = "layer" + (layer + 1) + "." + block + ".";
                int stride = layer > 0 && block == 0 ? 2 : 1;
                Block made = bottleneck
                        ? bottleneck(name, in, width << layer, stride)
                        : basic(name, in, width << layer, stride);
                sameSize.add(made);
                in = made.out();
            }
            layers.add(sameSize);
        }
        return layers;
    }

    /** Two 3x3 convolutions. */
    private static Block basic(String name, int in, int out, int stride) {
        return new Block(
                List.of(
                        new Convolution(name + "conv1", name + "bn1", in, out, 3, stride),
                        new Convolution(name + "conv2", name + "bn2", out, out, 3, 1)),
                downsample(name, in, out, stride));
    }

    /** 1x1, 3x3 and 1x1 convolutions, the last with four times the width. */
    private static Block bottleneck(String name, int in, int inner, int stride) {
        int out = 4 * inner;
        return new Block(
                List.of(
                        new Convolution(name + "conv1", name + "bn1", in, inner, 1, 1),
                        new Convolution(name + "conv2", name + "bn2", inner, inner, 3, stride),
                        new Convolution(name + "conv3", name + "bn3", inner, out, 1, 1)),
                downsample(name, in, out, stride));
    }

    private static Optional<Convolution> downsample(String name, int in, int out, int stride) {
        return in == out
                ? Optional.empty()
                : Optional.of(new Convolution(name + "downsample.0", name + "downsample.1", in, out, 1, stride));
    }

    /** All convolutions in torchvision's order. */
    public List<Convolution> convolutions() {
        Stream<Convolution> ofBlocks = layers.stream()
                .flatMap(List::stream)
                .flatMap(block -> Stream.concat(block.convolutions().stream(), block.downsample().stream()));
        return Stream.concat(Stream.of(stem), ofBlocks).toList();
    }

    /** Channels of the output of a layer, 1 for layer1. */
    public int channels(int layer) {
        List<Block> blocks = layers.get(layer - 1);
        return blocks.get(blocks.size() - 1).out();
    }

    /** Pixels of the input for each cell of a layer's output, along an axis; layer 0 is the stem. */
    public int stride(int layer) {
        int stride = stem.stride() * (maxPool ? 2 : 1);
        for (List<Block> blocks : layers.subList(0, layer)) {
            for (Block block : blocks) {
                for (Convolution convolution : block.convolutions()) {
                    stride *= convolution.stride();
                }
            }
        }
        return stride;
    }
}
