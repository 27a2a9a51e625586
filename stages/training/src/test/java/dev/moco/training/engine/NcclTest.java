package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.Storage;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NcclTest {
    @TempDir
    Path folder;

    @Test
    void aLibraryThatIsNotThereIsNamedWithWhatToDo() throws IOException {
        String none = folder.resolve("libnccl.so.2").toString();
        assertThatThrownBy(() -> Nccl.version(Map.of("MOCO_NCCL", none)))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageStartingWith("NCCL is not found, tried " + none + " (")
                .hasMessageEndingWith("); install it, such as the Python package nvidia-nccl-cu12, and set MOCO_NCCL to"
                        + " its libnccl.so.2");
        String other =
                Files.writeString(folder.resolve("libother.so"), "no library").toString();
        assertThatThrownBy(() -> Nccl.version(Map.of("MOCO_NCCL", other)))
                .hasMessageStartingWith("NCCL is not found, tried " + other + " (");
    }

    /** {@code MOCO_NCCL=.../nvidia/nccl/lib/libnccl.so.2}, with a GPU or without. */
    @Test
    void theLibraryAnswers() {
        String library = System.getenv(NcclLibrary.VARIABLE);
        assumeTrue(library != null, "MOCO_NCCL names no library");
        assertThat(Nccl.version(System.getenv())).matches("2\\.\\d+\\.\\d+");
    }

    @Test
    void anArraysMemoryIsItsOwn() {
        try (NDManager manager = TorchEngine.start(1, Device.cpu())) {
            NDArray numbers = manager.create(new float[] {1, 2, 3});
            Storage.of((PtNDArray) numbers).asFloatBuffer().put(1, 5);
            assertThat(numbers.toFloatArray()).containsExactly(1, 5, 3);
            NDArray rows = manager.arange(6f).reshape(2, 3).transpose();
            assertThatThrownBy(() -> Storage.of((PtNDArray) rows))
                    .hasMessage("direct access needs a contiguous array below 2 GiB, found 24 bytes of shape (3, 2)");
        }
    }
}
