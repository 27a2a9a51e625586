package dev.moco.training.linear;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.stage.DamagedCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
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
        damaged().assertLengthIsRefused(name, bytes);
    }

    @ParameterizedTest(name = "{0} is missing")
    @ValueSource(strings = {"classifier.f32", "velocity.f32", "metrics.json"})
    void aMissingFileIsBadData(String name) throws IOException {
        damaged().assertMissingFileIsRefused(name);
    }

    @ParameterizedTest(name = "the metrics are {0}")
    @MethodSource("dev.moco.training.stage.DamagedCheckpoint#noMetrics")
    void metricsOfAnotherFormAreBadData(String json) throws IOException {
        damaged().assertMetricsAreRefused(json, ProbeMetrics.class);
    }

    @ParameterizedTest(name = "metrics of {0} bytes")
    @MethodSource("dev.moco.training.stage.DamagedCheckpoint#hugeMetrics")
    void hugeMetricsAreNotRead(int bytes) throws IOException {
        damaged().assertHugeMetricsAreRefused(bytes);
    }

    private DamagedCheckpoint damaged() {
        return new DamagedCheckpoint(folder, this::read);
    }
}
