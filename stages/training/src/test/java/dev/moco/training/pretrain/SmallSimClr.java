package dev.moco.training.pretrain;

import static dev.moco.training.VectorNumbers.symmetric;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.Arrays;
import java.util.List;

/** The encoder of vectors 56 and 58: two convolutions and SimCLR's head. */
public final class SmallSimClr {
    /** Places of its parameters. */
    public static final FlatLayout LAYOUT =
            EncoderLayout.withBatchNormHead(SmallEncoder.CONVOLUTIONS, 16, 4).flat();

    /** Trained parameters in the order of the file's seeds. */
    public static final List<String> PARAMETERS = List.of(
            "conv1.weight",
            "bn1.weight",
            "bn1.bias",
            "conv2.weight",
            "bn2.weight",
            "bn2.bias",
            "head.0.weight",
            "head.1.weight",
            "head.1.bias",
            "head.3.weight",
            "head.4.weight");

    private SmallSimClr() {}

    /** State before the first step, by the rule of the vectors; the last bias is 0. */
    public static TrainedEncoder state(NDManager manager, JsonNode vector, DataType type) {
        double[] flat = new double[FlatLayout.length(LAYOUT.parameters())];
        for (FlatTensor tensor : LAYOUT.parameters()) {
            int index = PARAMETERS.indexOf(tensor.name());
            if (index >= 0) {
                double[] drawn = symmetric(5000 + vector.get("seed_offset").asLong() + index, tensor.size());
                for (int i = 0; i < drawn.length; i++) {
                    flat[tensor.offset() + i] = initial(tensor, drawn[i]);
                }
            }
        }
        double[] statistics = new double[FlatLayout.length(LAYOUT.statistics())];
        Arrays.fill(statistics, statistics.length / 2, statistics.length, 1);
        return new TrainedEncoder(
                manager.create(flat).toType(type, false),
                manager.create(statistics).toType(type, false),
                manager.zeros(new Shape(flat.length), type));
    }

    private static double initial(FlatTensor tensor, double drawn) {
        List<Integer> shape = tensor.shape();
        return switch (shape.size()) {
            case 4 -> drawn * Math.sqrt(6.0 / (shape.get(1) * shape.get(2) * shape.get(3)));
            case 2 -> drawn / Math.sqrt(shape.get(1));
            default -> tensor.name().endsWith("weight") ? 1 + 0.2 * drawn : 0.1 * drawn;
        };
    }
}
