package dev.moco.training.detect;

import dev.moco.contract.Architecture;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each parameter and batch-norm buffer of the detector lies in its flat buffers: weights in order of use, then
 * the norms' gammas, then their betas; and apart from them, running means, then running variances.
 *
 * @param convolutions of the backbone and the RoI head's res5, in order of use; each has a norm
 * @param extraNorm the norm after res5 (Res5ROIHeadsExtraNorm)
 * @param heads weights and biases of RPN and box predictor
 */
record Layout(List<Convolution> convolutions, Norm extraNorm, List<Weight> heads) {
    private static final String REGION_HEAD = "roi_heads.";

    /** A named part of a flat buffer. */
    record Tensor(String name, int offset, List<Integer> shape) {
        int size() {
            return shape.stream().reduce(1, Math::multiplyExact);
        }
    }

    /** A weight, and the standard deviation of its normal initial values; 0 for biases. */
    record Weight(String name, double deviation, List<Integer> shape) {
        Weight {
            shape = List.copyOf(shape);
        }

        int size() {
            return shape.stream().reduce(1, Math::multiplyExact);
        }
    }

    /** A batch norm: detectron2's name, torchvision's name (the same for a norm that no encoder has), channels. */
    record Norm(String name, String encoderName, int channels) {}

    /** A convolution without bias, its name in torchvision's ResNet, and the norm after it. */
    record Convolution(Weight weight, String encoderName, Norm norm) {}

    static Layout of(Architecture architecture, int anchorShapes, int classes) {
        int features = architecture.features();
        int middle = features / 2;
        String rpn = "proposal_generator.rpn_head.";
        String box = REGION_HEAD + "box_predictor.";
        List<Weight> heads = List.of(
                new Weight(rpn + "conv.weight", .01, List.of(middle, middle, 3, 3)),
                new Weight(rpn + "conv.bias", 0, List.of(middle)),
                new Weight(rpn + "objectness_logits.weight", .01, List.of(anchorShapes, middle, 1, 1)),
                new Weight(rpn + "objectness_logits.bias", 0, List.of(anchorShapes)),
                new Weight(rpn + "anchor_deltas.weight", .01, List.of(4 * anchorShapes, middle, 1, 1)),
                new Weight(rpn + "anchor_deltas.bias", 0, List.of(4 * anchorShapes)),
                new Weight(box + "cls_score.weight", .01, List.of(classes + 1, features)),
                new Weight(box + "cls_score.bias", 0, List.of(classes + 1)),
                new Weight(box + "bbox_pred.weight", .001, List.of(4 * classes, features)),
                new Weight(box + "bbox_pred.bias", 0, List.of(4 * classes)));
        String extraNorm = REGION_HEAD + "res5.norm";
        return new Layout(resnet(architecture), new Norm(extraNorm, extraNorm, features), heads);
    }

    private static List<Convolution> resnet(Architecture architecture) {
        List<Convolution> convolutions = new ArrayList<>();
        int width = architecture.width();
        convolutions.add(
                convolution("backbone.stem.conv1", "conv1", "bn1", 3, width, architecture.imagenetStem() ? 7 : 3));
        int expansion = architecture.bottleneck() ? 4 : 1;
        int channels = width;
        for (int layer = 1; layer <= 4; layer++) {
            int inner = width << (layer - 1);
            for (int block = 0; block < architecture.blocks().get(layer - 1); block++) {
                addBlock(convolutions, layer, block, channels, inner, inner * expansion);
                channels = inner * expansion;
            }
        }
        return List.copyOf(convolutions);
    }

    private static void addBlock(List<Convolution> to, int layer, int block, int in, int inner, int out) {
        // layer4 belongs to the RoI head, the rest to the backbone.
        String name = (layer == 4 ? REGION_HEAD : "backbone.") + "res" + (layer + 1) + "." + block + ".";
        String encoder = "layer" + layer + "." + block + ".";
        if (inner == out) {
            to.add(convolution(name + "conv1", encoder + "conv1", encoder + "bn1", in, inner, 3));
            to.add(convolution(name + "conv2", encoder + "conv2", encoder + "bn2", inner, out, 3));
        } else {
            to.add(convolution(name + "conv1", encoder + "conv1", encoder + "bn1", in, inner, 1));
            to.add(convolution(name + "conv2", encoder + "conv2", encoder + "bn2", inner, inner, 3));
            to.add(convolution(name + "conv3", encoder + "conv3", encoder + "bn3", inner, out, 1));
        }
        if (in != out) {
            String shortcut = encoder + "downsample.";
            to.add(convolution(name + "shortcut", shortcut + "0", shortcut + "1", in, out, 1));
        }
    }

    private static Convolution convolution(String name, String encoder, String encoderNorm, int in, int out, int side) {
        // Kaiming normal by fan out, as detectron2's c2_msra_fill.
        double deviation = Math.sqrt(2.0 / (out * side * side));
        Weight weight = new Weight(name + ".weight", deviation, List.of(out, in, side, side));
        return new Convolution(weight, encoder + ".weight", new Norm(name + ".norm", encoderNorm, out));
    }

    /** Weights in order: those of the convolutions, then {@link #heads}. */
    List<Weight> weights() {
        List<Weight> weights = new ArrayList<>();
        convolutions.forEach(convolution -> weights.add(convolution.weight()));
        weights.addAll(heads);
        return weights;
    }

    /** Norms in order: those of the convolutions, then {@link #extraNorm}. */
    List<Norm> norms() {
        List<Norm> norms = new ArrayList<>();
        convolutions.forEach(convolution -> norms.add(convolution.norm()));
        norms.add(extraNorm);
        return norms;
    }

    /** Every part of the buffer of parameters. */
    List<Tensor> parameters() {
        List<Tensor> tensors = new ArrayList<>();
        int offset = 0;
        for (Weight weight : weights()) {
            offset = add(tensors, weight.name(), offset, weight.shape());
        }
        for (String kind : List.of(".weight", ".bias")) {
            for (Norm norm : norms()) {
                offset = add(tensors, norm.name() + kind, offset, List.of(norm.channels()));
            }
        }
        return tensors;
    }

    /** Every part of the buffer of batch-norm statistics. */
    List<Tensor> statistics() {
        List<Tensor> tensors = new ArrayList<>();
        int offset = 0;
        for (String kind : List.of(".running_mean", ".running_var")) {
            for (Norm norm : norms()) {
                offset = add(tensors, norm.name() + kind, offset, List.of(norm.channels()));
            }
        }
        return tensors;
    }

    private static int add(List<Tensor> tensors, String name, int offset, List<Integer> shape) {
        Tensor tensor = new Tensor(name, offset, shape);
        tensors.add(tensor);
        return offset + tensor.size();
    }

    static int length(List<Tensor> tensors) {
        Tensor last = tensors.get(tensors.size() - 1);
        return last.offset() + last.size();
    }

    /** The program's {@code sizes}: counts of weights and norms, then the length of each. */
    long[] sizes() {
        List<Weight> weights = weights();
        List<Norm> norms = norms();
        long[] sizes = new long[2 + weights.size() + norms.size()];
        sizes[0] = weights.size();
        sizes[1] = norms.size();
        int at = 2;
        for (Weight weight : weights) {
            sizes[at++] = weight.size();
        }
        for (Norm norm : norms) {
            sizes[at++] = norm.channels();
        }
        return sizes;
    }
}
