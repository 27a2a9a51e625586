package dev.moco.training.resnet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.training.VectorNumbers;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether outputs are kept for the way back or computed again changes no slope, in float64. */
class SparedTapeTest {
    @ParameterizedTest(name = "layer {1} of {0}")
    @CsvSource({"RESNET10W16, 2, 32", "RESNET18, 3, 256", "RESNET50, 2, 512", "RESNET50, 3, 1024"})
    void slopesAreTheSame(Architecture architecture, int level, int channels) {
        EncoderLayout layout = EncoderLayout.backbone(architecture);
        double[] parameters = VectorNumbers.parameters(layout, 3);
        double[] statistics = VectorNumbers.statistics(layout);
        double[] images = VectorNumbers.symmetric(5, 2 * channels * 6 * 6);
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(
                        Device.cpu(),
                        "/dev/moco/training/resnet/resnet.py",
                        "/dev/moco/training/resnet/layer_gradient.py")) {
            double[][] slopes = new double[3][];
            for (int spare = 0; spare < slopes.length; spare++) {
                NDArray found = program.call(
                                manager,
                                "layerGradient",
                                manager.create(parameters),
                                manager.create(statistics),
                                manager.create(images, new Shape(2, channels, 6, 6)),
                                layout.sizes(),
                                layout.arch(),
                                level,
                                spare)
                        .singletonOrThrow();
                slopes[spare] = found.toDoubleArray();
            }
            assertThat(Arrays.equals(slopes[0], slopes[1])).isTrue();
            assertThat(Arrays.equals(slopes[0], slopes[2])).isTrue();
            assertThat(Arrays.stream(slopes[0]).anyMatch(slope -> slope != 0)).isTrue();
        }
    }
}
