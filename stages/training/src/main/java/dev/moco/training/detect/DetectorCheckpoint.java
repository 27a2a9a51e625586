package dev.moco.training.detect;

import ai.djl.ndarray.NDManager;
import dev.moco.training.detect.model.DetectorLayout;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.stage.CheckpointFolder;
import dev.moco.training.weights.FloatFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Checkpoint of a {@link DetectorState}: a folder with one file of little-endian float32 numbers for each buffer, in the
 * order of {@link DetectorLayout}. All other state of training, such as the order of the images and the samples drawn, is
 * a function of the seed and the iteration.
 */
final class DetectorCheckpoint {
    private static final String PARAMETERS = "parameters.f32";
    private static final String STATISTICS = "statistics.f32";

    private DetectorCheckpoint() {}

    static void write(DetectorState state, Path folder) throws IOException {
        FloatFile.write(folder.resolve(PARAMETERS), state.parameters().toFloatArray());
        FloatFile.write(folder.resolve(STATISTICS), state.statistics().toFloatArray());
        FloatFile.write(
                folder.resolve(CheckpointFolder.VELOCITY), state.velocity().toFloatArray());
    }

    /** Reads the state of a detector with this layout. */
    static DetectorState read(NDManager manager, DetectorLayout layout, Path folder) throws IOException {
        int parameters = FlatLayout.length(layout.flat().parameters());
        int statistics = FlatLayout.length(layout.flat().statistics());
        return DetectorState.of(
                manager,
                FloatFile.read(folder.resolve(PARAMETERS), parameters),
                FloatFile.read(folder.resolve(STATISTICS), statistics),
                FloatFile.read(folder.resolve(CheckpointFolder.VELOCITY), parameters));
    }
}
