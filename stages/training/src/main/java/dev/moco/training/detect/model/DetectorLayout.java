package dev.moco.training.detect.model;

import dev.moco.contract.Architecture;
import dev.moco.contract.ResNet;
import dev.moco.training.resnet.FlatLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Names and shapes of the detector's tensors, which are detectron2's, in the order of the flat buffers.
 *
 * @param resnet ResNet whose layers 1 to 3 are the backbone and whose layer 4 is the RoI head's res5
 * @param convolutions convolutions of the backbone and of the RoI head's res5 with their batch norms, in order of use
 * @param extraNorm batch norm after res5 (Res5ROIHeadsExtraNorm)
 * @param heads weights and biases of the RPN head and the box predictor
 */
public record DetectorLayout(
        ResNet resnet, List<DetectorConvolution> convolutions, DetectorNorm extraNorm, List<DetectorWeight> heads) {
    private static final String REGION_HEAD = "roi_heads.";

    /**
     * A weight or bias.
     *
     * @param deviation standard deviation of the normal initial values; 0 for biases
     */
    public record DetectorWeight(String name, double deviation, List<Integer> shape) {
        public DetectorWeight {
            shape = List.copyOf(shape);
        }

        public int size() {
            return shape.stream().reduce(1, Math::multiplyExact);
        }
    }

    /**
     * A batch norm.
     *
     * @param name name in detectron2
     * @param encoderName name in torchvision's ResNet; the same as {@code name} for the extra norm
     */
    public record DetectorNorm(String name, String encoderName, int channels) {}

    /**
     * A convolution without bias and the batch norm after it.
     *
     * @param encoderName name of the weight in torchvision's ResNet
     */
    public record DetectorConvolution(DetectorWeight weight, String encoderName, DetectorNorm norm) {}

    public static DetectorLayout of(Architecture architecture, int anchorsPerCell, int classes) {
        int features = architecture.features();
        int middle = features / 2;
        String rpn = "proposal_generator.rpn_head.";
        String box = REGION_HEAD + "box_predictor.";
        List<DetectorWeight> heads = List.of(
                new DetectorWeight(rpn + "conv.weight", .01, List.of(middle, middle, 3, 3)),
                new DetectorWeight(rpn + "conv.bias", 0, List.of(middle)),
                new DetectorWeight(rpn + "objectness_logits.weight", .01, List.of(anchorsPerCell, middle, 1, 1)),
                new DetectorWeight(rpn + "objectness_logits.bias", 0, List.of(anchorsPerCell)),
                new DetectorWeight(rpn + "anchor_deltas.weight", .01, List.of(4 * anchorsPerCell, middle, 1, 1)),
                new DetectorWeight(rpn + "anchor_deltas.bias", 0, List.of(4 * anchorsPerCell)),
                new DetectorWeight(box + "cls_score.weight", .01, List.of(classes + 1, features)),
                new DetectorWeight(box + "cls_score.bias", 0, List.of(classes + 1)),
                new DetectorWeight(box + "bbox_pred.weight", .001, List.of(4 * classes, features)),
                new DetectorWeight(box + "bbox_pred.bias", 0, List.of(4 * classes)));
        String extraNorm = REGION_HEAD + "res5.norm";
        List<DetectorConvolution> convolutions = architecture.resnet().convolutions().stream()
                .map(DetectorLayout::named)
                .toList();
        return new DetectorLayout(
                architecture.resnet(), convolutions, new DetectorNorm(extraNorm, extraNorm, features), heads);
    }

    private static DetectorConvolution named(ResNet.Convolution encoder) {
        String name = name(encoder.name());
        // Kaiming normal by fan out, as detectron2's c2_msra_fill.
        double deviation = Math.sqrt(2.0 / (encoder.out() * encoder.kernel() * encoder.kernel()));
        DetectorWeight weight = new DetectorWeight(name + ".weight", deviation, encoder.shape());
        return new DetectorConvolution(
                weight, encoder.name() + ".weight", new DetectorNorm(name + ".norm", encoder.norm(), encoder.out()));
    }

    /** Name of a convolution in detectron2: layer4 belongs to the RoI head, all others to the backbone. */
    private static String name(String encoderName) {
        String name = encoderName.replace("downsample.0", "shortcut");
        if (!name.startsWith("layer")) {
            return "backbone.stem." + name;
        }
        int layer = name.charAt("layer".length()) - '0';
        return (layer == 4 ? REGION_HEAD : "backbone.") + "res" + (layer + 1) + name.substring("layer1".length());
    }

    /** Weights in the order of the buffers: those of the convolutions, then {@link #heads}. */
    public List<DetectorWeight> weights() {
        List<DetectorWeight> weights = new ArrayList<>();
        convolutions.forEach(convolution -> weights.add(convolution.weight()));
        weights.addAll(heads);
        return weights;
    }

    /** Batch norms in the order of the buffers: those of the convolutions, then {@link #extraNorm}. */
    public List<DetectorNorm> norms() {
        List<DetectorNorm> norms = new ArrayList<>();
        convolutions.forEach(convolution -> norms.add(convolution.norm()));
        norms.add(extraNorm);
        return norms;
    }

    /** Offsets of the tensors in the flat buffers. */
    public FlatLayout flat() {
        return new FlatLayout(
                resnet,
                weights().stream()
                        .map(weight -> new FlatLayout.WeightShape(weight.name(), weight.shape()))
                        .toList(),
                norms().stream()
                        .map(norm -> new FlatLayout.BatchNormShape(norm.name(), norm.channels()))
                        .toList());
    }
}
