package dev.moco.training.weights.exchange;

import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the values of tensors whose names and shapes are right, and refuses what no network can compute with. */
final class TensorValues {
    private TensorValues() {}

    /** Values of an encoder; what is wrong with them is added to the problems. */
    static EncoderState of(Fit fit, String prefix, List<String> problems) throws IOException {
        Map<String, FloatTensor> tensors = new LinkedHashMap<>();
        Map<String, Long> counters = new LinkedHashMap<>();
        for (Expected expected : Expected.of(fit.candidate().resnet())) {
            if (expected.kind() == Expected.ParameterKind.COUNTER) {
                counters.put(expected.name(), 0L);
            }
        }
        for (Map.Entry<Expected, StoredTensor> entry : fit.found().entrySet()) {
            Expected expected = entry.getKey();
            String name = prefix + fit.naming().of(expected.name()).orElse(expected.name());
            try {
                if (expected.kind() == Expected.ParameterKind.COUNTER) {
                    counters.put(expected.name(), entry.getValue().wholes()[0]);
                } else {
                    float[] values = entry.getValue().floats();
                    tensors.put(expected.name(), new FloatTensor(expected.shape(), values));
                    check(name, values, expected.kind() == Expected.ParameterKind.VARIANCE, problems);
                }
            } catch (RefusedException e) {
                problems.add(name + " " + e.getMessage());
            }
        }
        return new EncoderState(fit.candidate().architecture(), fit.candidate().resnet(), tensors, counters);
    }

    static void check(String name, float[] values, boolean variance, List<String> problems) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                problems.add(name + " must have finite numbers, found " + values[i] + " at " + i);
                return;
            } else if (variance && values[i] < 0) {
                problems.add(name + " must have no negative number, found " + values[i] + " at " + i);
                return;
            }
        }
    }
}
