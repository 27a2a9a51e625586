package dev.moco.training.detect;

import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code detector.safetensors}: every parameter and running statistic under detectron2's name. */
final class DetectorFile {
    static final String NAME = "detector.safetensors";

    private DetectorFile() {}

    static void write(Layout layout, DetectorState state, Path file) throws IOException {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        float[] parameters = state.parameters().toFloatArray();
        layout.flat().parameters().forEach(part -> tensors.put(part.name(), tensor(part, parameters)));
        float[] statistics = state.statistics().toFloatArray();
        layout.flat().statistics().forEach(part -> tensors.put(part.name(), tensor(part, statistics)));
        Safetensors.write(file, tensors);
    }

    private static Safetensors.Tensor tensor(FlatLayout.FlatTensor part, float[] buffer) {
        return new Safetensors.Tensor(
                part.shape(), Arrays.copyOfRange(buffer, part.offset(), part.offset() + part.size()));
    }
}
