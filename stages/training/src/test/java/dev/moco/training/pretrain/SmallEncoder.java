package dev.moco.training.pretrain;

import static dev.moco.training.VectorNumbers.symmetric;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.ResNet;
import dev.moco.training.VectorNumbers;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderLayout.HeadWeight;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The encoder of the vectors of whole steps: two convolutions and a head (see {@code small_encoder.py}). */
public final class SmallEncoder {
    /** Puts the encoder in place of the ResNet's. */
    public static final Map<String, String> REPLACEMENT =
            Map.of("/dev/moco/training/resnet/head.py", "/dev/moco/training/pretrain/small_encoder.py");

    /** Two convolutions. */
    public static final ResNet CONVOLUTIONS = new ResNet(
            new ResNet.Convolution("conv1", "bn1", 3, 8, 3, 2),
            false,
            List.of(List.of(
                    new ResNet.Block(List.of(new ResNet.Convolution("conv2", "bn2", 8, 16, 3, 2)), Optional.empty()))));

    private static final int IMAGE = 3 * 12 * 12;

    private SmallEncoder() {}

    /** With MoCo v2's head: Linear 16-16, ReLU, Linear 16-4. */
    public static EncoderLayout mlp() {
        return new EncoderLayout(
                CONVOLUTIONS,
                List.of(
                        new HeadWeight("fc.0.weight", 16, List.of(16, 16)),
                        new HeadWeight("fc.0.bias", 16, List.of(16)),
                        new HeadWeight("fc.2.weight", 16, List.of(4, 16)),
                        new HeadWeight("fc.2.bias", 16, List.of(4))));
    }

    /** With one layer for class scores. */
    public static EncoderLayout classifier(int classes) {
        return new EncoderLayout(
                CONVOLUTIONS,
                List.of(
                        new HeadWeight("fc.weight", 16, List.of(classes, 16)),
                        new HeadWeight("fc.bias", 16, List.of(classes))));
    }

    /** State before the first step, by the rule of the vectors. */
    public static TrainedEncoder state(NDManager manager, EncoderLayout layout, JsonNode vector, DataType type) {
        double[] parameters =
                VectorNumbers.parameters(layout, vector.get("seed_offset").asLong());
        return new TrainedEncoder(
                manager.create(parameters).toType(type, false),
                manager.create(VectorNumbers.statistics(layout)).toType(type, false),
                manager.zeros(new Shape(parameters.length), type));
    }

    /** Images drawn with a seed, and the second views of them drawn with the next. */
    public static NDArray[] views(NDManager manager, long seed, int images) {
        double[] a = symmetric(seed, images * IMAGE);
        double[] b = symmetric(seed + 1, a.length);
        Arrays.setAll(b, i -> 0.5 * b[i] + 0.5 * a[i]);
        Shape shape = new Shape(images, 3, 12, 12);
        return new NDArray[] {manager.create(a, shape), manager.create(b, shape)};
    }

    /** A process's equal part of a batch, in the order of the processes. */
    public static NDArray part(NDArray batch, Collectives collectives) {
        long share = batch.getShape().get(0) / collectives.world().size();
        long first = collectives.world().index() * share;
        return batch.get(new NDIndex().addSliceDim(first, first + share));
    }

    /** Numbers of a flat buffer from the beginning of a tensor. */
    public static double[] of(NDArray flat, List<FlatTensor> tensors, String name, int count) {
        int offset = tensors.stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow()
                .offset();
        return Arrays.copyOfRange(flat.toType(DataType.FLOAT64, false).toDoubleArray(), offset, offset + count);
    }
}
