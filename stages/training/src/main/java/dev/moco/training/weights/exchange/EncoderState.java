package dev.moco.training.weights.exchange;

import dev.moco.contract.ResNet;
import dev.moco.training.weights.Safetensors.FloatTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An encoder as PyTorch has it, in the order of torchvision's state dict, with torchvision's names.
 *
 * @param architecture its name, such as resnet50
 * @param tensors weights and running statistics; the head, if there is one, is fc (MoCo v1, classifiers) or fc.0 and fc.2
 * @param counters {@code num_batches_tracked} of each batch norm
 */
public record EncoderState(
        String architecture, ResNet resnet, Map<String, FloatTensor> tensors, Map<String, Long> counters) {
    private static final String HEAD = "fc.";

    public EncoderState {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        counters = Collections.unmodifiableMap(new LinkedHashMap<>(counters));
    }

    /** The same without a head. */
    public EncoderState withoutHead() {
        Map<String, FloatTensor> backbone = new LinkedHashMap<>(tensors);
        backbone.keySet().removeIf(name -> name.startsWith(HEAD));
        return new EncoderState(architecture, resnet, backbone, counters);
    }

    public boolean hasHead() {
        return !headTensors().isEmpty();
    }

    /** Weights and biases of the head; none without one. */
    Map<String, FloatTensor> headTensors() {
        Map<String, FloatTensor> head = new LinkedHashMap<>(tensors);
        head.keySet().removeIf(name -> !name.startsWith(HEAD));
        return head;
    }
}
