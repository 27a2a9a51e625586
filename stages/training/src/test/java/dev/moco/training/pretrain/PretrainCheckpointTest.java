package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.Architecture;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.resnet.EncoderLayout;
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
        PretrainCheckpoint.write(
                folder, MocoState.initial(manager, layout, 8, 4, 1).named(), RunMetrics.START);
        assertThat(read()).isEqualTo(RunMetrics.START);
    }

    private RunMetrics read() throws IOException {
        PretrainCheckpoint.state(manager, folder, MocoState.shapes(layout, 8, 4));
        return PretrainCheckpoint.metrics(folder);
    }

    @ParameterizedTest(name = "{0} of {1} bytes")
    @CsvSource({"query.f32, 0", "query-statistics.f32, 7", "velocity.f32, 4", "queue.f32, 132"})
    void aFileOfAnotherLengthIsBadData(String name, int bytes) throws IOException {
        damaged().assertLengthIsRefused(name, bytes);
    }

    @ParameterizedTest(name = "{0} is missing")
    @ValueSource(strings = {"key.f32", "queue.f32", "metrics.json"})
    void aMissingFileIsBadData(String name) throws IOException {
        damaged().assertMissingFileIsRefused(name);
    }

    @ParameterizedTest(name = "the metrics are {0}")
    @MethodSource("dev.moco.training.stage.DamagedCheckpoint#noMetrics")
    void metricsOfAnotherFormAreBadData(String json) throws IOException {
        damaged().assertMetricsAreRefused(json, RunMetrics.class);
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
