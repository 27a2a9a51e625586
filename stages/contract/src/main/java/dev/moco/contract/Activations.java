package dev.moco.contract;

import dev.moco.contract.ResNet.Block;
import dev.moco.contract.ResNet.Convolution;
import java.util.List;

/**
 * Counts of the numbers in a ResNet's activations for one image, which decide the memory that a stage needs.
 *
 * @param tape numbers that are saved for the backward pass: the inputs of the network and its blocks, and the
 *     outputs of the convolutions. The outputs of each block's last convolution and of its downsample are not saved
 *     in layer1, nor in layer2 in float32, nor anywhere in detectors.
 * @param largest numbers in the largest activation that is held for a short while
 */
public record Activations(long tape, long largest) {
    /** Activations of a whole ResNet. */
    public static Activations ofEncoder(Architecture architecture, int height, int width, Precision precision) {
        int recomputed = precision == Precision.BFLOAT16 ? 1 : 2;
        return ofLayers(architecture.resnet(), ResNet.LAYER4, recomputed, new Size(height, width));
    }

    /** Activations of a whole ResNet on a GPU, where nothing is computed again. */
    public static Activations ofEncoderOnGpu(Architecture architecture, int height, int width) {
        return ofLayers(architecture.resnet(), ResNet.LAYER4, 0, new Size(height, width));
    }

    /** Activations of a detector's trunk, which ends with layer3. */
    public static Activations ofTrunk(Architecture architecture, int height, int width) {
        return ofLayers(architecture.resnet(), ResNet.LAYER3, ResNet.LAYER3, new Size(height, width));
    }

    /** Activations of the RoI head for one region: RoIAlign's cells, then layer4. */
    public static Activations ofRegion(Architecture architecture, int cells) {
        ResNet resnet = architecture.resnet();
        Size size = new Size(cells, cells);
        long aligned = resnet.channels(ResNet.LAYER3) * size.cells();
        return new Activations(aligned, aligned).plusLayer(resnet.layers().get(ResNet.LAYER4 - 1), size, true);
    }

    private record Size(int rows, int columns) {
        long cells() {
            return (long) rows * columns;
        }

        Size after(int stride) {
            return new Size((rows + stride - 1) / stride, (columns + stride - 1) / stride);
        }

        Size after(Block block) {
            Size size = this;
            for (Convolution convolution : block.convolutions()) {
                size = size.after(convolution.stride());
            }
            return size;
        }
    }

    /**
     * Activations of the stem and some layers.
     *
     * @param recomputed layers whose blocks' last convolutions are computed again in the backward pass
     */
    private static Activations ofLayers(ResNet resnet, int layers, int recomputed, Size images) {
        long pixels = resnet.stem().in() * images.cells();
        Size size = images.after(resnet.stem().stride());
        long convolved = resnet.stem().out() * size.cells();
        size = resnet.maxPool() ? size.after(2) : size;
        Activations all =
                new Activations(pixels + convolved + resnet.stem().out() * size.cells(), Math.max(pixels, convolved));
        for (int i = 0; i < layers; i++) {
            List<Block> layer = resnet.layers().get(i);
            all = all.plusLayer(layer, size, i < recomputed);
            for (Block block : layer) {
                size = size.after(block);
            }
        }
        return all;
    }

    private Activations plusLayer(List<Block> layer, Size inputs, boolean recomputed) {
        Activations all = this;
        Size size = inputs;
        for (Block block : layer) {
            all = all.plusBlock(block, size, recomputed);
            size = size.after(block);
        }
        return all;
    }

    private Activations plusBlock(Block block, Size inputs, boolean recomputed) {
        long all = tape;
        long most = largest;
        Size size = inputs;
        int last = block.convolutions().size() - 1;
        for (int i = 0; i <= last; i++) {
            Convolution convolution = block.convolutions().get(i);
            // Counted with as many cells as the inputs have, since the gradient of the inputs is that large.
            most = Math.max(most, convolution.out() * size.cells());
            size = size.after(convolution.stride());
            all += i < last || !recomputed ? convolution.out() * size.cells() : 0;
        }
        long outputs = block.out() * size.cells();
        all += outputs + (recomputed || block.downsample().isEmpty() ? 0 : outputs);
        return new Activations(all, most);
    }
}
