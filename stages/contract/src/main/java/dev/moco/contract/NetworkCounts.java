package dev.moco.contract;

import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.ResNet.Block;
import dev.moco.contract.ResNet.Convolution;

/**
 * Numbers of one image in a network, as PyTorch's autograd keeps them for the backward pass in float32: what the paper's
 * memory is made of, and what our own passes are compared with. ReLUs are in place, as torchvision's are.
 *
 * @param image numbers of the image, the input of the first convolution
 * @param normInputs inputs of batch norms: the outputs of all convolutions
 * @param reluOutputs inputs of the next convolutions
 * @param pooled outputs of the max pool, each with an index of 8 bytes
 * @param headInputs inputs of the head's linear layers
 * @param multiplyAdds multiplications of a forward pass
 */
public record NetworkCounts(
        long image, long normInputs, long reluOutputs, long pooled, long headInputs, long multiplyAdds) {
    private static final int FLOAT = 4;
    private static final int INDEX = 8;

    /**
     * Counts a network.
     *
     * @param side of an image, a multiple of 32
     */
    public static NetworkCounts of(Architecture architecture, Head head, int dimension, int side) {
        ResNet resnet = architecture.resnet();
        NetworkCounts counts = new NetworkCounts((long) resnet.stem().in() * side * side, 0, 0, 0, 0, 0);
        counts = counts.plus(resnet.stem(), side, true);
        int size = side / resnet.stem().stride();
        if (resnet.maxPool()) {
            size /= 2;
            counts = counts.plusPooled((long) resnet.stem().out() * size * size);
        }
        for (var blocks : resnet.layers()) {
            for (Block block : blocks) {
                counts = counts.plus(block, size);
                for (Convolution convolution : block.convolutions()) {
                    size /= convolution.stride();
                }
            }
        }
        return counts.plusHead(architecture.features(), head, dimension);
    }

    private NetworkCounts plus(Block block, int side) {
        NetworkCounts counts = this;
        int size = side;
        int last = block.convolutions().size() - 1;
        for (int i = 0; i <= last; i++) {
            // The last ReLU's output is that of the block, as large as the convolution's.
            counts = counts.plus(block.convolutions().get(i), size, true);
            size /= block.convolutions().get(i).stride();
        }
        return block.downsample().isPresent() ? counts.plus(block.downsample().get(), side, false) : counts;
    }

    private NetworkCounts plus(Convolution convolution, int side, boolean relu) {
        long cells = (long) (side / convolution.stride()) * (side / convolution.stride());
        long outputs = convolution.out() * cells;
        long weights = (long) convolution.out() * convolution.in() * convolution.kernel() * convolution.kernel();
        return new NetworkCounts(
                image,
                normInputs + outputs,
                reluOutputs + (relu ? outputs : 0),
                pooled,
                headInputs,
                multiplyAdds + weights * cells);
    }

    private NetworkCounts plusPooled(long outputs) {
        return new NetworkCounts(image, normInputs, reluOutputs, pooled + outputs, headInputs, multiplyAdds);
    }

    private NetworkCounts plusHead(int features, Head head, int dimension) {
        long hidden = head == Head.MLP ? features : 0;
        long products = (long) features * dimension + hidden * features;
        return new NetworkCounts(image, normInputs, reluOutputs, pooled, features + hidden, multiplyAdds + products);
    }

    /** Bytes that autograd keeps of one image. */
    public long savedBytes() {
        return FLOAT * (image + normInputs + reluOutputs + pooled + headInputs) + INDEX * pooled;
    }

    /**
     * Bytes that it keeps whatever the number of images: for each channel mean and inverse standard deviation, and the running
     * statistics, which it refers to.
     */
    public static long savedStatistics(Architecture architecture) {
        return architecture.resnet().convolutions().stream()
                .mapToLong(convolution -> 4L * FLOAT * convolution.out())
                .sum();
    }
}
