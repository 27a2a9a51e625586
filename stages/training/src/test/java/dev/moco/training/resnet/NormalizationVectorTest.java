package dev.moco.training.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.VectorPixels;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class NormalizationVectorTest {
    @Test
    void bytesBecomeNormalizedChannels() {
        JsonNode file = Vectors.read("14_totensor_normalize.json");
        RgbImage image = VectorPixels.image(file.get("pixels_HWC_u8"));
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program =
                        TorchProgram.compile(manager.getDevice(), "/dev/moco/training/resnet/images.py")) {
            NDArray bytes = manager.create(
                    ByteBuffer.wrap(image.pixels()), new Shape(1, image.height(), image.width(), 3), DataType.UINT8);
            NDArray normalized = program.call(manager, "normalize_images", bytes, manager.zeros(new Shape(1)))
                    .singletonOrThrow();
            assertThat(normalized.getShape()).isEqualTo(new Shape(1, 3, image.height(), image.width()));
            float[] values = normalized.toFloatArray();
            int at = 0;
            for (JsonNode channel : file.get("result_CHW_float32")) {
                for (JsonNode row : channel) {
                    for (JsonNode value : row) {
                        assertThat((double) values[at++]).isCloseTo(value.doubleValue(), within(1e-6));
                    }
                }
            }
            assertThat(at).isEqualTo(values.length);
        }
    }

    @Test
    void blackAndWhiteTellMeanAndDeviation() {
        JsonNode file = Vectors.read("14_totensor_normalize.json");
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program =
                        TorchProgram.compile(manager.getDevice(), "/dev/moco/training/resnet/images.py")) {
            NDArray bytes = manager.create(
                    ByteBuffer.wrap(new byte[] {0, 0, 0, -1, -1, -1}), new Shape(1, 1, 2, 3), DataType.UINT8);
            double[] found = program.call(
                            manager, "normalize_images", bytes, manager.zeros(new Shape(1), DataType.FLOAT64))
                    .singletonOrThrow()
                    .toDoubleArray();
            for (int channel = 0; channel < 3; channel++) {
                double black = found[2 * channel];
                double deviation = 1 / (found[2 * channel + 1] - black);
                assertThat(deviation).isCloseTo(file.get("std").get(channel).asDouble(), within(1e-12));
                assertThat(-black * deviation)
                        .isCloseTo(file.get("mean").get(channel).asDouble(), within(1e-12));
            }
        }
    }
}
