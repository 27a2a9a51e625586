package dev.moco.training.weights.exchange;

import dev.moco.training.weights.Safetensors;
import dev.moco.training.weights.Safetensors.FloatTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * State that pre-training starts with, by torchvision's names of an encoder's tensors.
 *
 * @param query query encoder; without a head, that is drawn at random
 * @param key key encoder; empty for a copy of the query encoder
 * @param momentum SGD's momentum of each parameter of the query encoder; empty for zeros
 * @param queue keys as columns, dimension x queue size, the oldest first; empty for random ones
 */
public record InitialState(
        Map<String, FloatTensor> query,
        Optional<Map<String, FloatTensor>> key,
        Optional<Map<String, FloatTensor>> momentum,
        Optional<FloatTensor> queue) {
    /** Name of its file in an artifact. */
    public static final String FILE = "initial.safetensors";

    private static final String QUERY = "encoder_q.";
    private static final String KEY = "encoder_k.";
    private static final String MOMENTUM = "momentum.";
    private static final String QUEUE = "queue";

    /** Writes a new file. */
    void write(Path file) throws IOException {
        Map<String, FloatTensor> tensors = new LinkedHashMap<>();
        query.forEach((name, tensor) -> tensors.put(QUERY + name, tensor));
        key.ifPresent(encoder -> encoder.forEach((name, tensor) -> tensors.put(KEY + name, tensor)));
        momentum.ifPresent(buffers -> buffers.forEach((name, tensor) -> tensors.put(MOMENTUM + name, tensor)));
        queue.ifPresent(keys -> tensors.put(QUEUE, keys));
        Safetensors.write(file, tensors);
    }

    /** Reads a file. */
    public static InitialState read(Path file) throws IOException {
        Map<String, FloatTensor> tensors = Safetensors.read(file);
        return new InitialState(
                below(QUERY, tensors),
                Optional.of(below(KEY, tensors)).filter(found -> !found.isEmpty()),
                Optional.of(below(MOMENTUM, tensors)).filter(found -> !found.isEmpty()),
                Optional.ofNullable(tensors.get(QUEUE)));
    }

    private static Map<String, FloatTensor> below(String prefix, Map<String, FloatTensor> tensors) {
        Map<String, FloatTensor> below = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                below.put(name.substring(prefix.length()), tensor);
            }
        });
        return below;
    }
}
