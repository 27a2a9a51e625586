package dev.moco.training.weights.exchange;

import dev.moco.training.weights.Safetensors;
import dev.moco.training.weights.Safetensors.FloatTensor;
import dev.moco.training.weights.formats.WeightWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes an encoder for another program (docs/pytorch.md). */
public final class EncoderExport {
    private EncoderExport() {}

    /** Programs, as an option names them. */
    public enum Target {
        torchvision,
        timm,
        detectron2,
        safetensors,
        npz
    }

    /** Writes a new file with every tensor of an encoder. */
    public static void write(Path file, EncoderState encoder, Target target) throws IOException {
        switch (target) {
            case torchvision -> WeightWriter.torch(file, encoder.tensors(), encoder.counters());
            case timm -> WeightWriter.timm(file, encoder.architecture(), encoder.tensors(), encoder.counters());
            case detectron2 -> WeightWriter.detectron2(file, renamed(encoder.tensors()), renamed(encoder.counters()));
            case safetensors -> Safetensors.write(file, encoder.tensors(), encoder.counters());
            case npz -> WeightWriter.npz(file, encoder.tensors(), encoder.counters());
        }
    }

    /**
     * Writes the file that pre-training commits: parameters and running statistics in its order, without counters.
     *
     * @see dev.moco.training.resnet.EncoderFile
     */
    public static void writeOurs(Path file, EncoderState encoder) throws IOException {
        Map<String, FloatTensor> parameters = new LinkedHashMap<>(encoder.tensors());
        Map<String, FloatTensor> statistics = new LinkedHashMap<>();
        for (String statistic : List.of(".running_mean", ".running_var")) {
            encoder.tensors().forEach((name, tensor) -> {
                if (name.endsWith(statistic)) {
                    parameters.remove(name);
                    statistics.put(name, tensor);
                }
            });
        }
        parameters.putAll(statistics);
        Safetensors.write(file, parameters);
    }

    private static <T> Map<String, T> renamed(Map<String, T> torchvision) {
        Map<String, T> detectron2 = new LinkedHashMap<>();
        torchvision.forEach(
                (name, value) -> detectron2.put(Naming.DETECTRON2.of(name).orElseThrow(), value));
        return detectron2;
    }

    /** Writes both encoders and the queue with the names of MoCo's state dict, as safetensors. */
    public static void writeMoco(Path file, ImportedEncoder imported) throws IOException {
        Map<String, FloatTensor> tensors = new LinkedHashMap<>();
        Map<String, Long> wholes = new LinkedHashMap<>();
        add("encoder_q.", imported.encoder(), tensors, wholes);
        imported.keyEncoder().ifPresent(key -> add("encoder_k.", key, tensors, wholes));
        imported.queue().ifPresent(queue -> tensors.put("queue", queue));
        imported.pointer().ifPresent(pointer -> wholes.put("queue_ptr", (long) pointer));
        Safetensors.write(file, tensors, wholes);
    }

    private static void add(
            String prefix, EncoderState encoder, Map<String, FloatTensor> tensors, Map<String, Long> wholes) {
        encoder.tensors().forEach((name, tensor) -> tensors.put(prefix + name, tensor));
        encoder.counters().forEach((name, count) -> wholes.put(prefix + name, count));
    }
}
