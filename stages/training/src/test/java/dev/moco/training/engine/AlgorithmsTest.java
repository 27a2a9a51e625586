package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.sun.jna.NativeLibrary;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of libtorch itself, which the library for the CPU has too. */
class AlgorithmsTest {
    private static final String PUT = "/dev/moco/training/engine/put.py";

    @BeforeEach
    void load() {
        TorchEngine.start(1, Device.cpu()).close();
    }

    @AfterEach
    void clear() {
        Algorithms.PREDICTED.set(Map.of());
    }

    @ParameterizedTest(name = "{0}: timed {1}, deterministic {2}")
    @CsvSource({"PREDICTED, false, false", "TIMED, true, false", "DETERMINISTIC, false, true"})
    void libtorchAndCudnnFollow(Algorithms algorithms, boolean timed, boolean deterministic) {
        Algorithms.TIMED.set(Map.of());
        Algorithms.DETERMINISTIC.set(Map.of());
        algorithms.set(Map.of());
        assertThat(LibtorchContext.is("_ZNK2at7Context14benchmarkCuDNNEv")).isEqualTo(timed);
        assertThat(LibtorchContext.is("_ZNK2at7Context18deterministicCuDNNEv")).isEqualTo(deterministic);
        assertThat(LibtorchContext.is("_ZNK2at7Context23deterministicAlgorithmsEv"))
                .isEqualTo(deterministic);
        assertThat(LibtorchContext.is("_ZNK2at7Context31deterministicAlgorithmsWarnOnlyEv"))
                .isFalse();
        assertThat(LibtorchContext.is("_ZNK2at7Context36deterministicFillUninitializedMemoryEv"))
                .isFalse();
    }

    /** {@code put} is refused on every device, as its order is not defined where an index comes twice. */
    @Test
    void anOperationWithoutADeterministicAlgorithmFailsWithItsName() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                TorchProgram program = TorchProgram.compile(manager.getDevice(), PUT)) {
            NDArray numbers = manager.create(new float[] {1, 2});
            NDArray last = manager.create(new long[] {1});
            NDArray five = manager.create(new float[] {5});
            assertThat(program.call(manager, "put", numbers, last, five)
                            .singletonOrThrow()
                            .toFloatArray())
                    .containsExactly(1, 5);
            Algorithms.DETERMINISTIC.set(Map.of());
            assertThatThrownBy(() -> program.call(manager, "put", numbers, last, five))
                    .satisfies(failure -> assertThat(EngineErrors.known(failure))
                            .hasValueSatisfying(known -> {
                                assertThat(known.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
                                assertThat(known)
                                        .hasMessageContaining("put_ does not have a deterministic implementation");
                            }));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {":4096:8", ":16:8"})
    void cublasIsToldByItsVariable(String workspaces) {
        Algorithms.DETERMINISTIC.set(Map.of("CUBLAS_WORKSPACE_CONFIG", workspaces));
        assertThat(variable("CUBLAS_WORKSPACE_CONFIG")).isEqualTo(workspaces);
        Algorithms.DETERMINISTIC.set(Map.of());
        assertThat(variable("CUBLAS_WORKSPACE_CONFIG")).isEqualTo(":4096:8");
    }

    @Test
    void aVariableThatExcludesItIsRefused() {
        Map<String, String> without = Map.of("CUBLAS_WORKSPACE_CONFIG", ":0:0");
        assertThatThrownBy(() -> Algorithms.DETERMINISTIC.set(without))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessage("CUBLAS_WORKSPACE_CONFIG is :0:0, and deterministic needs one of :4096:8, :16:8; unset it");
        Algorithms.TIMED.set(without);
    }

    @Test
    void aCpuKeepsItsAlgorithms() {
        TorchEngine.start(1, Device.cpu()).close();
        TorchEngine.choose(Algorithms.DETERMINISTIC);
        assertThat(LibtorchContext.is("_ZNK2at7Context23deterministicAlgorithmsEv"))
                .isFalse();
    }

    private static String variable(String name) {
        return NativeLibrary.getInstance("c").getFunction("getenv").invokeString(new Object[] {name}, false);
    }
}
