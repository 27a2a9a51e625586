package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.Architecture;
import dev.moco.contract.ExitCode;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.StageFailure;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.resnet.EncoderLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainCheckpointTest {
    private final NDManager manager = TorchEngine.start(1);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        manager.close();
    }

    private final EncoderLayout layout = EncoderLayout.of(Architecture.RESNET10W16, Head.MLP, 8);

    @BeforeEach
    void write() throws IOException {
        PretrainCheckpoint.write(folder, MocoState.initial(manager, layout, 8, 4, 1), RunMetrics.START);
        assertThat(read()).isEqualTo(RunMetrics.START);
    }

    private RunMetrics read() throws IOException {
        PretrainCheckpoint.state(manager, layout, folder, 8, 4);
        return PretrainCheckpoint.metrics(folder);
    }

    @ParameterizedTest(name = "{0} of {1} bytes")
    @CsvSource({"query.f32, 0", "query-statistics.f32, 7", "velocity.f32, 4", "queue.f32, 132"})
    void aFileOfAnotherLengthIsBadData(String name, int bytes) throws IOException {
        Files.write(folder.resolve(name), new byte[bytes]);

        assertBadData("found " + bytes + " bytes");
    }

    @ParameterizedTest(name = "{0} is missing")
    @ValueSource(strings = {"key.f32", "queue.f32", "course.json"})
    void aMissingFileIsBadData(String name) throws IOException {
        Files.delete(folder.resolve(name));

        assertBadData("is missing");
    }

    @ParameterizedTest(name = "the metrics are {0}")
    @ValueSource(strings = {"", "{", "null", "[]", "{}", "{\"epoch\":null}", "\0"})
    void aCourseOfAnotherFormIsBadData(String json) throws IOException {
        Files.writeString(folder.resolve("course.json"), json);

        assertBadData("course.json is not a RunMetrics");
    }

    @ParameterizedTest(name = "metrics of {0} bytes")
    @ValueSource(ints = {65537, 1 << 20})
    void aHugeCourseIsNotRead(int bytes) throws IOException {
        Files.write(folder.resolve("course.json"), new byte[bytes]);

        assertBadData("course.json must have at most 65536 bytes, found " + bytes);
    }

    private void assertBadData(String message) {
        assertThatThrownBy(this::read)
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageContaining(message);
    }
}
