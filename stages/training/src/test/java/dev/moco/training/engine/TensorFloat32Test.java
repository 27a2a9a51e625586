package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Precision;
import dev.moco.contract.StageFailure;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The setting of libtorch itself, which the library for the CPU has too. */
class TensorFloat32Test {
    @BeforeEach
    void load() {
        TorchEngine.start(1, Device.cpu()).close();
    }

    @AfterEach
    void clear() {
        TensorFloat32.allow(false, Map.of());
    }

    @Test
    void bothLibrariesOfNvidiaFollow() {
        TensorFloat32.allow(true, Map.of());
        assertThat(allowed("_ZNK2at7Context14allowTF32CuDNNEv")).isTrue();
        assertThat(allowed("_ZNK2at7Context15allowTF32CuBLASEv")).isTrue();
        // libtorch allows it in cuDNN where nobody says otherwise.
        TensorFloat32.allow(false, Map.of());
        assertThat(allowed("_ZNK2at7Context14allowTF32CuDNNEv")).isFalse();
        assertThat(allowed("_ZNK2at7Context15allowTF32CuBLASEv")).isFalse();
    }

    @ParameterizedTest(name = "{0} with {1}")
    @CsvSource({"0, true, needs", "1, false, excludes"})
    void aVariableThatSaysTheOppositeIsRefused(String override, boolean allowed, String word) {
        assertThatThrownBy(() -> TensorFloat32.allow(allowed, Map.of("NVIDIA_TF32_OVERRIDE", override)))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessage("NVIDIA_TF32_OVERRIDE is " + override + ", and the precision " + word + " TF32; unset it");
        TensorFloat32.allow(!allowed, Map.of("NVIDIA_TF32_OVERRIDE", override));
    }

    @Test
    void aFunctionThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> LibtorchContext.set("_ZN2at7Context4noneEb", true))
                .hasMessage("this libtorch has no function _ZN2at7Context4noneEb; 2.7.1 has it");
    }

    @Test
    void aCpuComputesAsInFloat32() {
        TorchEngine.start(1, Device.cpu(), Precision.TF32).close();
        assertThat(allowed("_ZNK2at7Context15allowTF32CuBLASEv")).isFalse();
    }

    private static boolean allowed(String getter) {
        return LibtorchContext.is(getter);
    }
}
