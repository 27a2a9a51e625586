package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import dev.moco.contract.StageFailure;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TorchEngineFailureTest {
    private final EngineException error = new EngineException("Failed to load PyTorch native library");

    @Test
    void aReleaseOfTheEnvironmentIsNamed() {
        RuntimeException failure = TorchEngine.failure(error, Map.of("PYTORCH_VERSION", "2.8.0a0+5228986c39.nv25.06"));
        assertThat(failure)
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        known -> assertThat(known.exitCode()).isEqualTo(78))
                .hasMessageStartingWith("libtorch does not load: PYTORCH_VERSION is 2.8.0a0+5228986c39.nv25.06, and");
    }

    @Test
    void otherFailuresStayAsTheyAre() {
        assertThat(TorchEngine.failure(error, Map.of())).isSameAs(error);
        assertThat(TorchEngine.failure(error, Map.of("PYTORCH_VERSION", "2.7.1", "PYTORCH_LIBRARY_PATH", "/lib")))
                .isSameAs(error);
    }

    @Test
    void aLibraryThatIsNotLinkedIsNamed() {
        EngineException unlinked = new EngineException("no", new UnsatisfiedLinkError("libcudart.so.12 is missing"));
        assertThat(TorchEngine.failure(unlinked, Map.of()))
                .hasMessageStartingWith("libtorch does not load: libcudart.so.12 is missing");
    }
}
