package dev.moco.training.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.training.engine.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeCheckpointTest {
    private final NDManager manager = TorchEngine.start(1);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        manager.close();
    }

    @BeforeEach
    void write() throws IOException {
        float[] values = Classifier.initial(3, 4, 1);
        try (Classifier classifier = new Classifier(manager.create(values), manager.create(values))) {
            ProbeCheckpoint.write(folder, classifier, ProbeMetrics.START);
        }
        assertThat(read()).isEqualTo(ProbeMetrics.START);
    }

    private ProbeMetrics read() throws IOException {
        ProbeCheckpoint.classifier(manager, folder, 3, 4).close();
        return ProbeCheckpoint.metrics(folder);
    }

    @ParameterizedTest(name = "{0} of {1} bytes")
    @CsvSource({"classifier.f32, 0", "classifier.f32, 59", "velocity.f32, 64"})
    void aFileOfAnotherLengthIsBadData(String name, int bytes) throws IOException {
        Files.write(folder.resolve(name), new byte[bytes]);

        assertBadData("found " + bytes + " bytes");
    }

    @ParameterizedTest(name = "{0} is missing")
    @ValueSource(strings = {"classifier.f32", "velocity.f32", "course.json"})
    void aMissingFileIsBadData(String name) throws IOException {
        Files.delete(folder.resolve(name));

        assertBadData("is missing");
    }

    @ParameterizedTest(name = "the metrics are {0}")
    @ValueSource(strings = {"", "{", "null", "[]", "{}", "{\"epoch\":null}", "\0"})
    void aCourseOfAnotherFormIsBadData(String json) throws IOException {
        Files.writeString(folder.resolve("course.json"), json);

        assertBadData("course.json is not a ProbeMetrics");
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
