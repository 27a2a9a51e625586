package dev.moco.training.resnet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.VectorNumbers;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole ResNet in chunks has the features and gradients of the ResNet in one piece, with all of its layers. */
class NetworkTest {
    private static final int IMAGES = 4;
    private static final int SIZE = 32;

    @ParameterizedTest
    @EnumSource(names = {"RESNET10W16", "RESNET50"})
    void chunksOfAResNetAreTheWholeResNet(Architecture architecture) {
        EncoderLayout layout = EncoderLayout.backbone(architecture);
        FlatLayout flat = EncoderLayout.of(architecture, Head.BATCH_NORM_MLP, 8).flat();
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram whole =
                        TorchProgram.compile(Device.cpu(), "/dev/moco/training/resnet/features_gradient.py");
                TorchProgram sweep = TorchProgram.compile(Device.cpu(), GlobalNormEncoder.PROGRAM)) {
            double[] parameters = VectorNumbers.parameters(layout, 3);
            NDArray images = manager.create(
                    VectorNumbers.symmetric(5, IMAGES * 3 * SIZE * SIZE), new Shape(IMAGES, 3, SIZE, SIZE));
            NDArray directions = manager.create(
                    VectorNumbers.symmetric(6, IMAGES * architecture.features()),
                    new Shape(IMAGES, architecture.features()));
            NDList expected = whole.call(
                    manager,
                    "features_gradient",
                    new EncoderArguments(layout, Precision.FLOAT32)
                            .of(manager.create(parameters), manager.create(VectorNumbers.statistics(layout))),
                    images,
                    directions);

            NDArray ours = manager.create(placed(layout.parameters(), parameters, flat.parameters()));
            NDArray gradient = ours.zerosLike();
            NDArray statistics = manager.ones(new Shape(FlatLayout.length(flat.statistics())), DataType.FLOAT64);
            Network features = (layers, in) -> layers.meanPool(Network.features(layers, architecture.resnet(), in));
            try (GlobalNormEncoder encoder = new GlobalNormEncoder(
                    sweep, features, flat, ours, statistics, gradient, Collectives.ALONE, 1, 2, false)) {
                GlobalNormEncoder.ForwardPass pass = encoder.encode(manager, images);
                encoder.backward(manager, pass, directions);
                assertNear(pass.outputs().toDoubleArray(), expected.get(0).toDoubleArray());
            }
            double[] found = placed(flat.parameters(), gradient.toDoubleArray(), layout.parameters());
            assertNear(found, expected.get(1).toDoubleArray());
        }
    }

    /** Numbers of the tensors that both have, at the places of the second. */
    private static double[] placed(List<FlatTensor> from, double[] numbers, List<FlatTensor> to) {
        double[] placed = new double[FlatLayout.length(to)];
        for (FlatTensor target : to) {
            from.stream()
                    .filter(source -> source.name().equals(target.name()))
                    .forEach(source ->
                            System.arraycopy(numbers, source.offset(), placed, target.offset(), source.size()));
        }
        return placed;
    }

    private static void assertNear(double[] found, double[] expected) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        assertThat(largest).isPositive();
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-9 * largest));
        }
    }
}
