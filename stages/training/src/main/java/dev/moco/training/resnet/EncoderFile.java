package dev.moco.training.resnet;

import dev.moco.contract.StageFailure;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import dev.moco.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An encoder in a file: named tensors with torchvision's names, parameters in its order, then running statistics. */
public final class EncoderFile {
    public static final String NAME = "encoder.safetensors";

    private EncoderFile() {}

    /** Writes an encoder. A head with batch norms is left out: torchvision has no names for its tensors. */
    public static void write(Path file, EncoderLayout layout, EncoderWeights weights) throws IOException {
        Map<String, Safetensors.FloatTensor> tensors = new LinkedHashMap<>();
        add(tensors, layout.parameters(), weights.parameters());
        add(tensors, layout.statistics(), weights.statistics());
        if (!layout.headNorms().isEmpty()) {
            Set<String> backbone = new HashSet<>();
            layout.withoutHead().parameters().forEach(tensor -> backbone.add(tensor.name()));
            layout.withoutHead().statistics().forEach(tensor -> backbone.add(tensor.name()));
            tensors.keySet().retainAll(backbone);
        }
        Safetensors.write(file, tensors);
    }

    /**
     * Reads the tensors of a layout. A head that the layout lacks is ignored.
     *
     * @throws StageFailure bad data, naming a tensor that is missing or has another shape
     */
    public static EncoderWeights read(Path file, EncoderLayout layout) throws IOException {
        Map<String, Safetensors.FloatTensor> tensors = Safetensors.read(file);
        return new EncoderWeights(flat(tensors, layout.parameters(), file), flat(tensors, layout.statistics(), file));
    }

    private static void add(Map<String, Safetensors.FloatTensor> to, List<FlatTensor> tensors, float[] flat) {
        for (FlatTensor tensor : tensors) {
            float[] values = Arrays.copyOfRange(flat, tensor.offset(), tensor.offset() + tensor.size());
            to.put(tensor.name(), new Safetensors.FloatTensor(tensor.shape(), values));
        }
    }

    /**
     * An encoder with the tensors of a file in place of its own. Where those have no head at all, its own stays.
     *
     * @throws StageFailure bad data, naming a tensor that is missing or has another shape
     */
    public static EncoderWeights replaced(
            EncoderWeights own, EncoderLayout layout, Map<String, Safetensors.FloatTensor> tensors, Path file) {
        boolean head = layout.head().stream().anyMatch(weight -> tensors.containsKey(weight.name()));
        List<FlatTensor> parameters = layout.parameters().stream()
                .filter(tensor -> head
                        || layout.head().stream()
                                .noneMatch(weight -> weight.name().equals(tensor.name())))
                .toList();
        EncoderWeights replaced =
                new EncoderWeights(own.parameters().clone(), own.statistics().clone());
        copy(tensors, parameters, replaced.parameters(), file);
        copy(tensors, layout.statistics(), replaced.statistics(), file);
        return replaced;
    }

    private static float[] flat(Map<String, Safetensors.FloatTensor> from, List<FlatTensor> tensors, Path file) {
        float[] flat = new float[FlatLayout.length(tensors)];
        copy(from, tensors, flat, file);
        return flat;
    }

    /** Copies tensors of a file to their places in a flat buffer. */
    public static void copy(
            Map<String, Safetensors.FloatTensor> from, List<FlatTensor> tensors, float[] flat, Path file) {
        for (FlatTensor tensor : tensors) {
            Safetensors.FloatTensor found = from.get(tensor.name());
            if (found == null || !found.shape().equals(tensor.shape())) {
                throw StageFailure.badData(file + ": " + tensor.name() + " must have shape " + tensor.shape()
                        + ", found " + (found == null ? "no such tensor" : found.shape()));
            }
            System.arraycopy(found.values(), 0, flat, tensor.offset(), tensor.size());
        }
    }
}
