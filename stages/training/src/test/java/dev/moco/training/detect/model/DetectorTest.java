package dev.moco.training.detect.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Precision;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.evaluate.Detection;
import dev.moco.training.detect.input.TinyScenes;
import dev.moco.training.detect.input.TrainingImage;
import dev.moco.training.engine.TorchEngine;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetectorTest {
    private final NDManager manager = TorchEngine.start(1);

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void squaresAreDetectedAfterTraining() {
        DetectConfig config = TinyScenes.config(150, 4, 1);
        try (Detector detector = detector(config)) {
            DetectorState state = start(detector);
            double first = 0;
            double last = 0;
            for (int i = 0; i < config.solver().iterations(); i++) {
                last = detector.train(state, TinyScenes.ranks(1, 4, i % 20), i, i < 5 ? .01 : i < 120 ? .05 : .005)
                        .total();
                first = i == 0 ? last : first;
            }
            assertThat(last).isLessThan(first / 2);

            int scenes = 20;
            int found = 0;
            for (int i = 0; i < scenes; i++) {
                TrainingImage scene = TinyScenes.image(64, 64, CounterRandom.of(i));
                // The original image is taken to be twice as large.
                List<Detection> detections = detector.detect(state, scene.pixels(), 128, 128);
                found += !detections.isEmpty() && hits(detections.get(0), scene) ? 1 : 0;
            }
            assertThat(found).isGreaterThan(scenes / 2);
        }
    }

    private static boolean hits(Detection detection, TrainingImage scene) {
        Boxes box = new Boxes(detection.x1() / 2, detection.y1() / 2, detection.x2() / 2, detection.y2() / 2);
        for (int i = 0; i < scene.objects().size(); i++) {
            if (scene.classes()[i] == detection.label() && box.iou(0, scene.objects(), i) > .5) {
                return true;
            }
        }
        return false;
    }

    @Test
    void updatingStatisticsChangesNothingElse() {
        try (Detector detector = detector(TinyScenes.config(1, 4, 1))) {
            DetectorState state = start(detector);
            float[] parameters = state.parameters().toFloatArray();
            float[] statistics = state.statistics().toFloatArray();

            detector.updateStatistics(state, TinyScenes.ranks(1, 4, 0), 0);

            assertThat(state.parameters().toFloatArray()).isEqualTo(parameters);
            assertThat(state.statistics().toFloatArray()).isNotEqualTo(statistics);
        }
    }

    @ParameterizedTest(name = "{0} ranks")
    @ValueSource(ints = {1, 2})
    void bfloat16StaysCloseToFloat32(int ranks) {
        DetectConfig config = TinyScenes.config(1, 4, ranks);
        Losses exact = firstLosses(config);
        Losses rounded = firstLosses(new DetectConfig(
                config.architecture(),
                config.input(),
                config.anchors(),
                config.proposals(),
                config.regions(),
                config.solver(),
                0,
                Precision.BFLOAT16,
                config.seed()));

        assertThat(rounded.total()).isNotEqualTo(exact.total()).isCloseTo(exact.total(), within(.05));
    }

    private Losses firstLosses(DetectConfig config) {
        int ranks = config.solver().ranks();
        try (Detector detector = detector(config)) {
            return detector.train(start(detector), TinyScenes.ranks(ranks, 4 / ranks, 0), 0, .01);
        }
    }

    private Detector detector(DetectConfig config) {
        return new Detector(Device.cpu(), config, TinyScenes.CLASSES);
    }

    private DetectorState start(Detector detector) {
        return DetectorState.start(manager, InitialWeights.draw(detector.layout(), 7));
    }
}
