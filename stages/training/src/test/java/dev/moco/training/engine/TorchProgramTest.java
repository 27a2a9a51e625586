package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class TorchProgramTest {
    private static final String RIGHT = "/dev/moco/training/engine/right.py";
    private static final String WRONG = "/dev/moco/training/engine/wrong.py";

    @Test
    void callsAMethodOfItsText() {
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(manager.getDevice(), RIGHT)) {
            float[] found = program.call(manager, "right", manager.create(new float[] {-1, 2}))
                    .singletonOrThrow()
                    .toFloatArray();
            assertThat(found).containsExactly(0, 2);
        }
    }

    @Test
    void aMistakeIsNamedWithItsResourceAndLine() {
        try (NDManager manager = TorchEngine.start(1)) {
            assertThatThrownBy(() -> TorchProgram.compile(manager.getDevice(), RIGHT, WRONG))
                    .isInstanceOf(EngineException.class)
                    .hasMessageStartingWith(WRONG + ":3: ")
                    .hasMessageContaining("torch.nothing(x)");
        }
    }
}
