package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.CanonicalJson;
import dev.moco.training.engine.FloatArrays;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.stage.CheckpointFolder;
import dev.moco.training.weights.FloatFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Checkpoint of a run in a folder: each array of {@link MocoState} as little-endian float32, and its {@link RunMetrics}.
 * Everything else (the order of images, views, shuffles, learning rate, pointer of the queue) is a function of seed and step.
 */
final class PretrainCheckpoint {
    private static final List<String> ARRAYS =
            List.of("query", "query-statistics", "key", "key-statistics", "velocity", "queue");

    private PretrainCheckpoint() {}

    static void write(Path folder, MocoState state, RunMetrics runMetrics) throws IOException {
        for (int i = 0; i < ARRAYS.size(); i++) {
            FloatFile.write(
                    folder.resolve(ARRAYS.get(i) + ".f32"),
                    state.arrays().get(i).toFloatArray());
        }
        Files.write(folder.resolve(CheckpointFolder.METRICS), CanonicalJson.bytes(runMetrics));
    }

    static RunMetrics metrics(Path folder) throws IOException {
        return CheckpointFolder.read(folder.resolve(CheckpointFolder.METRICS), RunMetrics.class);
    }

    /** Reads the state of a run with this layout and queue. */
    static MocoState state(NDManager manager, EncoderLayout layout, Path folder, int dimension, int queueSize)
            throws IOException {
        int parameters = FlatLayout.length(layout.parameters());
        int statistics = FlatLayout.length(layout.statistics());
        Shape numbers = new Shape(parameters);
        Shape norms = new Shape(statistics);
        List<Shape> shapes = List.of(numbers, norms, numbers, norms, numbers, new Shape(dimension, queueSize));
        List<NDArray> arrays = new ArrayList<>();
        for (int i = 0; i < ARRAYS.size(); i++) {
            Shape shape = shapes.get(i);
            float[] read = FloatFile.read(folder.resolve(ARRAYS.get(i) + ".f32"), Math.toIntExact(shape.size()));
            arrays.add(FloatArrays.of(manager, shape, buffer -> buffer.put(read)));
        }
        return new MocoState(arrays.get(0), arrays.get(1), arrays.get(2), arrays.get(3), arrays.get(4), arrays.get(5));
    }
}
