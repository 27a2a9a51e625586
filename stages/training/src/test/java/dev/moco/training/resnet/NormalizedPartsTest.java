package dev.moco.training.resnet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Maps too large for the cache are normalized part by part, to the bits that whole maps give. */
class NormalizedPartsTest {
    private static final int CHANNELS = 16;
    /** Two images of these are a part, so that the last part is smaller. */
    private static final Shape LARGE = new Shape(3, CHANNELS, 125, 128);

    @ParameterizedTest(name = "shortcut {0}, inputs kept {1}")
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void partsAreEqualToTheWhole(boolean shortcut, boolean keepsInputs) {
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(Device.cpu(), "/dev/moco/training/resnet/batch_norm.py")) {
            NDArray x = random(manager, 0, LARGE);
            NDArray before = x.duplicate();
            NDList shortcuts = shortcut ? new NDList(random(manager, 1, LARGE)) : new NDList();
            NDArray mean = random(manager, 2, new Shape(CHANNELS));
            NDArray var = random(manager, 3, new Shape(CHANNELS)).abs();
            List<NDArray> norm = List.of(
                    random(manager, 4, new Shape(CHANNELS)), random(manager, 5, new Shape(CHANNELS)), mean, var);
            NDList whole = program.call(manager, "batch_normalize", new NDList(x), norm, mean, var);
            if (shortcut) {
                program.call(manager, "add_in_place", whole, shortcuts);
            }
            float[] expected =
                    program.call(manager, "relu_forward", whole).get(0).toFloatArray();

            NDArray parts = program.call(
                            manager, "batch_normalize_relu", new NDList(x), norm, mean, var, shortcuts, keepsInputs)
                    .get(0);
            assertThat(parts.toFloatArray()).isEqualTo(expected);
            // Outputs take the memory of inputs that nothing needs.
            assertThat(x.toFloatArray()).isEqualTo(keepsInputs ? before.toFloatArray() : expected);
        }
    }

    private static NDArray random(NDManager manager, int number, Shape shape) {
        CounterRandom random = CounterRandom.of(0, number);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(2001) / 1000f - 1;
        }
        return manager.create(values, shape);
    }
}
