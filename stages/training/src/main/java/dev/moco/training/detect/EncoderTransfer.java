package dev.moco.training.detect;

import dev.moco.contract.StageFailure;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.weights.Safetensors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts a pre-trained encoder (torchvision's names) into the detector: layer1 to layer3 are the backbone's res2 to res4,
 * layer4 is the RoI head's res5, running statistics come along, the classifier or projection head does not
 * (docs/method.md §3.3). Every other tensor must fit: a detector that starts half random trains, and scores a little less.
 */
final class EncoderTransfer {
    private EncoderTransfer() {}

    /**
     * Overwrites the backbone's and res5's part of the weights.
     *
     * @param encoder tensors by name
     * @param origin where they come from, for the message
     * @throws StageFailure bad data, naming what is missing, left over or of another shape
     */
    static void into(InitialWeights weights, Layout layout, Map<String, Safetensors.Tensor> encoder, String origin) {
        List<String> problems = new ArrayList<>();
        Map<String, String> names = names(layout);
        for (FlatLayout.FlatTensor tensor : layout.flat().parameters()) {
            copy(tensor, names, encoder, weights.parameters(), problems);
        }
        for (FlatLayout.FlatTensor tensor : layout.flat().statistics()) {
            copy(tensor, names, encoder, weights.statistics(), problems);
        }
        Set<String> left = new TreeSet<>(encoder.keySet());
        left.removeAll(new HashSet<>(names.values()));
        left.removeIf(name -> name.startsWith("fc.") || name.endsWith(".num_batches_tracked"));
        left.forEach(name -> problems.add(name + " has no place in the detector"));
        if (!problems.isEmpty()) {
            throw StageFailure.badData(origin + " does not fit the detector's backbone: " + first(problems));
        }
    }

    private static void copy(
            FlatLayout.FlatTensor target,
            Map<String, String> names,
            Map<String, Safetensors.Tensor> encoder,
            float[] buffer,
            List<String> problems) {
        String name = names.get(target.name());
        if (name == null) { // RPN, box predictor, extra norm
            return;
        }
        Safetensors.Tensor source = encoder.get(name);
        if (source == null) {
            problems.add(name + " is missing");
        } else if (!source.shape().equals(target.shape())) {
            problems.add(name + " must have shape " + target.shape() + ", found " + source.shape());
        } else {
            System.arraycopy(source.values(), 0, buffer, target.offset(), target.size());
        }
    }

    /** Encoder's name of every tensor that an encoder has, by the detector's. */
    private static Map<String, String> names(Layout layout) {
        Map<String, String> names = new LinkedHashMap<>();
        for (Layout.Convolution convolution : layout.convolutions()) {
            names.put(convolution.weight().name(), convolution.encoderName());
            for (String kind : List.of(".weight", ".bias", ".running_mean", ".running_var")) {
                names.put(convolution.norm().name() + kind, convolution.norm().encoderName() + kind);
            }
        }
        return names;
    }

    private static String first(List<String> problems) {
        int shown = Math.min(3, problems.size());
        return String.join("; ", problems.subList(0, shown))
                + (problems.size() > shown ? "; and " + (problems.size() - shown) + " more" : "");
    }
}
