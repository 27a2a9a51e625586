package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.CanonicalJson;
import dev.moco.training.engine.FloatArrays;
import dev.moco.training.stage.CheckpointFolder;
import dev.moco.training.weights.FloatFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Checkpoint of a run in a folder: each array that its steps change as little-endian float32, and its {@link RunMetrics}.
 * Everything else (the order of images, views, shuffles, learning rate, pointer of a queue) is a function of seed and step.
 */
final class PretrainCheckpoint {
    private PretrainCheckpoint() {}

    static void write(Path folder, Map<String, NDArray> state, RunMetrics runMetrics) throws IOException {
        for (Map.Entry<String, NDArray> array : state.entrySet()) {
            FloatFile.write(file(folder, array.getKey()), array.getValue().toFloatArray());
        }
        Files.write(folder.resolve(CheckpointFolder.METRICS), CanonicalJson.bytes(runMetrics));
    }

    private static Path file(Path folder, String array) {
        return folder.resolve(array + ".f32");
    }

    static RunMetrics metrics(Path folder) throws IOException {
        return CheckpointFolder.read(folder.resolve(CheckpointFolder.METRICS), RunMetrics.class);
    }

    /** Reads the arrays of a run with these shapes. */
    static Map<String, NDArray> state(NDManager manager, Path folder, Map<String, Shape> shapes) throws IOException {
        Map<String, NDArray> state = new LinkedHashMap<>();
        for (Map.Entry<String, Shape> array : shapes.entrySet()) {
            Shape shape = array.getValue();
            float[] read = FloatFile.read(file(folder, array.getKey()), Math.toIntExact(shape.size()));
            state.put(array.getKey(), FloatArrays.of(manager, shape, buffer -> buffer.put(read)));
        }
        return state;
    }
}
