package dev.moco.training.detect;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Progress;
import dev.moco.training.Footprint;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.detect.input.DetectionImages;
import dev.moco.training.detect.input.TinyScenes;
import dev.moco.training.detect.input.TinySet;
import dev.moco.training.detect.model.Detector;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.detect.model.InitialWeights;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.stage.FolderContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that memory does not grow over hundreds of iterations on images of several sizes, loader included. */
class DetectorGrowthTest {
    private static final int ITERATIONS = 600;
    /** Iterations in which the heap, compiled code and the buffers of the loader still grow to their final sizes. */
    private static final int WARM_UP = 100;

    @Test
    void iterationsGrowNothing(@TempDir Path folder) throws Exception {
        DetectConfig config = TinyScenes.config(ITERATIONS, 4, 2);
        List<Footprint> samples = new ArrayList<>();
        try (NDManager manager = TorchEngine.start(1);
                Detector detector = new Detector(manager.getDevice(), config, TinyScenes.CLASSES)) {
            DetectorState state = DetectorState.start(manager, InitialWeights.draw(detector.layout(), config.seed()));
            FolderContext context = new FolderContext(folder, config, 2) {
                @Override
                public void progress(Progress progress) {
                    super.progress(progress);
                    if (progress.phase().equals("training")
                            && progress.step() >= WARM_UP
                            && progress.step() < ITERATIONS
                            && progress.step() % 50 == 0) {
                        samples.add(Footprint.of(manager));
                    }
                }
            };
            DetectionImages images = new DetectionImages(new TinySet(20, 1), config.input(), ImageDecoder.create());
            DetectorProgress progress = new DetectorProgress(context, config.solver());
            new DetectorTraining(config, context, Collectives.ALONE, detector, progress).run(state, 0, images);
        }
        // If each iteration left behind the pixels of a batch, that would be some 50 MiB in 250 iterations.
        Footprint.assertNoGrowth(samples);
    }
}
