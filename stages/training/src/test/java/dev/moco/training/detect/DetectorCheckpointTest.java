package dev.moco.training.detect;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.Architecture;
import dev.moco.training.detect.input.TinyScenes;
import dev.moco.training.detect.model.Detector;
import dev.moco.training.detect.model.DetectorLayout;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.detect.model.InitialWeights;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.stage.DamagedCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetectorCheckpointTest {
    private final NDManager manager = TorchEngine.start(1);

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        manager.close();
    }

    private final DetectorLayout layout = DetectorLayout.of(Architecture.RESNET10W16, 3, 2);

    @BeforeEach
    void write() throws IOException {
        try (DetectorState state = DetectorState.start(manager, InitialWeights.draw(layout, 1))) {
            DetectorCheckpoint.write(state, folder);
        }
        read().close();
    }

    private DetectorState read() throws IOException {
        return DetectorCheckpoint.read(manager, layout, folder);
    }

    @Test
    void aRestoredCheckpointContinuesBitForBit() throws IOException {
        try (Detector detector = new Detector(Device.cpu(), TinyScenes.config(4, 4, 2), TinyScenes.CLASSES)) {
            DetectorState state = DetectorState.start(manager, InitialWeights.draw(detector.layout(), 7));
            train(detector, state, 0, 2);
            Path checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
            DetectorCheckpoint.write(state, checkpoint);
            train(detector, state, 2, 4);

            DetectorState restored = DetectorCheckpoint.read(manager, detector.layout(), checkpoint);
            train(detector, restored, 2, 4);

            assertThat(restored.parameters().toFloatArray())
                    .isEqualTo(state.parameters().toFloatArray());
            assertThat(restored.statistics().toFloatArray())
                    .isEqualTo(state.statistics().toFloatArray());
            assertThat(restored.velocity().toFloatArray())
                    .isEqualTo(state.velocity().toFloatArray());
        }
    }

    private static void train(Detector detector, DetectorState state, int from, int to) {
        for (int i = from; i < to; i++) {
            detector.train(state, TinyScenes.ranks(2, 2, i), i, .01);
        }
    }

    @ParameterizedTest(name = "{0} of {1} bytes")
    @CsvSource({"parameters.f32, 0", "statistics.f32, 7", "velocity.f32, 4"})
    void aFileOfAnotherLengthIsBadData(String name, int bytes) throws IOException {
        damaged().assertLengthIsRefused(name, bytes);
    }

    @ParameterizedTest(name = "{0} is missing")
    @ValueSource(strings = {"parameters.f32", "statistics.f32", "velocity.f32"})
    void aMissingFileIsBadData(String name) throws IOException {
        damaged().assertMissingFileIsRefused(name);
    }

    private DamagedCheckpoint damaged() {
        return new DamagedCheckpoint(folder, this::read);
    }
}
