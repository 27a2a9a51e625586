package dev.moco.training.detect;

import dev.moco.training.detect.model.DetectorLayout;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes {@code detector.safetensors}: all parameters and running statistics under detectron2's names. */
final class DetectorFile {
    static final String NAME = "detector.safetensors";

    private DetectorFile() {}

    static void write(DetectorLayout layout, DetectorState state, Path file) throws IOException {
        Map<String, Safetensors.FloatTensor> tensors = new LinkedHashMap<>();
        float[] parameters = state.parameters().toFloatArray();
        layout.flat().parameters().forEach(part -> tensors.put(part.name(), tensor(part, parameters)));
        float[] statistics = state.statistics().toFloatArray();
        layout.flat().statistics().forEach(part -> tensors.put(part.name(), tensor(part, statistics)));
        Safetensors.write(file, tensors);
    }

    private static Safetensors.FloatTensor tensor(FlatLayout.FlatTensor part, float[] buffer) {
        return new Safetensors.FloatTensor(
                part.shape(), Arrays.copyOfRange(buffer, part.offset(), part.offset() + part.size()));
    }
}
