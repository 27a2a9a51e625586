package dev.moco.training.linear;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.CanonicalJson;
import dev.moco.training.stage.CheckpointFolder;
import dev.moco.training.weights.FloatFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Checkpoint of a probe in a folder: the buffers of its {@link Classifier} as little-endian float32, and its
 * {@link ProbeMetrics}.
 */
final class ProbeCheckpoint {
    private static final String CLASSIFIER = "classifier.f32";

    private ProbeCheckpoint() {}

    static void write(Path folder, Classifier classifier, ProbeMetrics probeMetrics) throws IOException {
        FloatFile.write(folder.resolve(CLASSIFIER), classifier.flat().toFloatArray());
        FloatFile.write(
                folder.resolve(CheckpointFolder.VELOCITY), classifier.velocity().toFloatArray());
        Files.write(folder.resolve(CheckpointFolder.METRICS), CanonicalJson.bytes(probeMetrics));
    }

    static ProbeMetrics metrics(Path folder) throws IOException {
        return CheckpointFolder.read(folder.resolve(CheckpointFolder.METRICS), ProbeMetrics.class);
    }

    static Classifier classifier(NDManager manager, Path folder, int classes, int channels) throws IOException {
        int length = Classifier.length(classes, channels);
        return new Classifier(
                manager.create(FloatFile.read(folder.resolve(CLASSIFIER), length)),
                manager.create(FloatFile.read(folder.resolve(CheckpointFolder.VELOCITY), length)));
    }
}
