package dev.moco.training.detect;

import dev.moco.contract.Architecture;
import dev.moco.contract.ResNet;
import dev.moco.training.resnet.FlatLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The detector's convolutions, norms and heads under detectron2's names, in the order of its flat buffers.
 *
 * @param resnet backbone and res5 as an encoder has them
 * @param convolutions of the backbone and the RoI head's res5, in order of use; each has a norm
 * @param extraNorm the norm after res5 (Res5ROIHeadsExtraNorm)
 * @param heads weights and biases of RPN and box predictor
 */
record Layout(ResNet resnet, List<Convolution> convolutions, Norm extraNorm, List<Weight> heads) {
    private static final String REGION_HEAD = "roi_heads.";

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
        List<Convolution> convolutions =
                architecture.resnet().convolutions().stream().map(Layout::named).toList();
        return new Layout(architecture.resnet(), convolutions, new Norm(extraNorm, extraNorm, features), heads);
    }

    private static Convolution named(ResNet.Convolution encoder) {
        String name = name(encoder.name());
        // Kaiming normal by fan out, as detectron2's c2_msra_fill.
        double deviation = Math.sqrt(2.0 / (encoder.out() * encoder.kernel() * encoder.kernel()));
        Weight weight = new Weight(name + ".weight", deviation, encoder.shape());
        return new Convolution(
                weight, encoder.name() + ".weight", new Norm(name + ".norm", encoder.norm(), encoder.out()));
    }

    /** Detectron2's name of a convolution: layer4 belongs to the RoI head, the rest to the backbone. */
    private static String name(String encoderName) {
        String name = encoderName.replace("downsample.0", "shortcut");
        if (!name.startsWith("layer")) {
            return "backbone.stem." + name;
        }
        int layer = name.charAt("layer".length()) - '0';
        return (layer == 4 ? REGION_HEAD : "backbone.") + "res" + (layer + 1) + name.substring("layer1".length());
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

    /** Where each lies in the flat buffers. */
    FlatLayout flat() {
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
