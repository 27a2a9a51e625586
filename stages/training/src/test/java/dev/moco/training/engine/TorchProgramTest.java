package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TorchProgramTest {
    private static final String RIGHT = "/dev/moco/training/engine/right.py";
    private static final String WRONG = "/dev/moco/training/engine/wrong.py";
    private static final String WRONG_LIST = "/dev/moco/training/engine/wrong_list.py";
    private static final String NO_RETURN_TYPE = "/dev/moco/training/engine/no_return_type.py";
    private static final String NUMBER = "/dev/moco/training/engine/number.py";

    @Test
    void callsAFunctionWithTuplesAndReturnsAllTensors() {
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(manager.getDevice(), RIGHT)) {
            List<NDArray> pair = List.of(manager.create(new float[] {-1, 2}), manager.create(new float[] {1.5f}));
            NDList found = program.call(manager, "right", pair, new long[] {2, 0});
            assertThat(found).hasSize(2);
            assertThat(found.get(0).toFloatArray()).containsExactly(0, 12);
            assertThat(found.get(1).toLongArray()).containsExactly(1);
        }
    }

    @Test
    void aFileMayTakeThePlaceOfAnImportedOne() {
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(
                        manager.getDevice(),
                        Map.of("/dev/moco/training/engine/imported.py", "/dev/moco/training/engine/other.py"),
                        List.of(RIGHT))) {
            List<NDArray> pair = List.of(manager.create(new float[] {-1, 2}), manager.create(new float[] {1.5f}));
            assertThat(program.call(manager, "right", pair, new long[] {2, 0})
                            .get(0)
                            .toFloatArray())
                    .containsExactly(0, 20);
        }
    }

    @Test
    void aMistakeIsReportedWithItsFileAndLine() {
        try (NDManager manager = TorchEngine.start(1)) {
            assertThatThrownBy(() -> TorchProgram.compile(manager.getDevice(), RIGHT, WRONG))
                    .isInstanceOf(EngineException.class)
                    .hasMessageStartingWith(WRONG + ":7: ")
                    .hasMessageContaining("torch.nothing(x)");
        }
    }

    @Test
    void aMistakeInAFunctionThatJavaCannotCallIsReportedToo() {
        try (NDManager manager = TorchEngine.start(1)) {
            assertThatThrownBy(() -> TorchProgram.compile(manager.getDevice(), WRONG_LIST))
                    .isInstanceOf(EngineException.class)
                    .hasMessageStartingWith(WRONG_LIST + ":11: ")
                    .hasMessageContaining("torch.nothing(");
        }
    }

    @Test
    void aFunctionWithoutAReturnTypeIsRefused() {
        try (NDManager manager = TorchEngine.start(1)) {
            assertThatThrownBy(() -> TorchProgram.compile(manager.getDevice(), RIGHT, NO_RETURN_TYPE))
                    .hasMessage(NO_RETURN_TYPE + ":5: function no_return_type needs a return type");
        }
    }

    @Test
    void aResultThatIsNoTensorIsRefused() {
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(manager.getDevice(), NUMBER)) {
            NDArray numbers = manager.create(new float[] {1, 2});
            assertThatThrownBy(() -> program.call(manager, "count_values", numbers))
                    .hasMessageStartingWith("a function must return tensors, found ");
        }
    }

    @Test
    void aNameIsDeclaredOnce() {
        try (NDManager manager = TorchEngine.start(1)) {
            assertThatThrownBy(() ->
                            TorchProgram.compile(manager.getDevice(), RIGHT, "/dev/moco/training/engine/other.py"))
                    .hasMessage("TorchScript resources declare SCALE twice");
        }
    }
}
