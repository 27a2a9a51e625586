package dev.moco.training.detect;

import ai.djl.ndarray.NDManager;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.detect.model.Layout;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.weights.FloatFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A {@link DetectorState} in a folder, a file a buffer: little-endian float32 in {@link Layout}'s order. Everything
 * else that training depends on, the order of images and all samples, is a function of seed and iteration.
 */
final class DetectorCheckpoint {
    private static final String PARAMETERS = "parameters.f32";
    private static final String STATISTICS = "statistics.f32";
    private static final String VELOCITY = "velocity.f32";

    private DetectorCheckpoint() {}

    static void write(DetectorState state, Path folder) throws IOException {
        FloatFile.write(folder.resolve(PARAMETERS), state.parameters().toFloatArray());
        FloatFile.write(folder.resolve(STATISTICS), state.statistics().toFloatArray());
        FloatFile.write(folder.resolve(VELOCITY), state.velocity().toFloatArray());
    }

    /** Reads the state of a detector of this layout. */
    static DetectorState read(NDManager manager, Layout layout, Path folder) throws IOException {
        int parameters = FlatLayout.length(layout.flat().parameters());
        int statistics = FlatLayout.length(layout.flat().statistics());
        return DetectorState.of(
                manager,
                FloatFile.read(folder.resolve(PARAMETERS), parameters),
                FloatFile.read(folder.resolve(STATISTICS), statistics),
                FloatFile.read(folder.resolve(VELOCITY), parameters));
    }
}
