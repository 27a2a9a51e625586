package dev.moco.training.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.training.VectorNumbers;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Gradients and running statistics are the same at every recompute level, in float64: to the last bit where something is
 * computed again, and to rounding where nothing is and batch norms are PyTorch's fused ones.
 */
class RecomputeTest {
    private static final int NOTHING = 0;
    private static final int NORMS = 1;
    private static final int CONVOLUTIONS = 2;
    private static final int SIZE = 64;

    @ParameterizedTest
    @EnumSource(names = {"RESNET10W16", "RESNET18", "RESNET50"})
    void gradientsAreTheSame(Architecture architecture) {
        double[] recomputed = gradient(architecture, NORMS);
        assertThat(Arrays.equals(recomputed, gradient(architecture, CONVOLUTIONS)))
                .isTrue();
        double[] kept = gradient(architecture, NOTHING);
        double largest = Arrays.stream(recomputed).map(Math::abs).max().orElse(0);
        assertThat(largest).isPositive();
        for (int i = 0; i < kept.length; i++) {
            assertThat(kept[i]).isCloseTo(recomputed[i], within(1e-10 * largest));
        }
    }

    /** Gradients of the parameters, then the running statistics. */
    private static double[] gradient(Architecture architecture, int recompute) {
        EncoderLayout layout = EncoderLayout.backbone(architecture);
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program =
                        TorchProgram.compile(Device.cpu(), "/dev/moco/training/resnet/network_gradient.py")) {
            NDArray images =
                    manager.create(VectorNumbers.symmetric(5, 2 * 3 * SIZE * SIZE), new Shape(2, 3, SIZE, SIZE));
            return program.call(
                            manager,
                            "network_gradient",
                            new EncoderArguments(layout, Precision.FLOAT32)
                                    .of(
                                            manager.create(VectorNumbers.parameters(layout, 3)),
                                            manager.create(VectorNumbers.statistics(layout))),
                            images,
                            recompute)
                    .singletonOrThrow()
                    .toDoubleArray();
        }
    }
}
