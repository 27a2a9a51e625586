package dev.moco.training.detect.model;

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
 * Copies a pre-trained encoder (torchvision's names) into the detector (docs/method.md §3.3). layer1 to layer3 become
 * res2 to res4 of the backbone, layer4 becomes res5 of the RoI head; running statistics are copied, the classifier or
 * projection head is not. Every other tensor must fit, as a partly random detector would train and only score less.
 */
public final class EncoderTransfer {
    private EncoderTransfer() {}

    /**
     * Overwrites the weights of the backbone and of res5.
     *
     * @param encoder tensors of the encoder by name
     * @param origin origin of the encoder, for the error message
     * @throws StageFailure bad data, naming the tensors that are missing, unknown or of another shape
     */
    public static void into(
            InitialWeights weights,
            DetectorLayout layout,
            Map<String, Safetensors.FloatTensor> encoder,
            String origin) {
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
            Map<String, Safetensors.FloatTensor> encoder,
            float[] buffer,
            List<String> problems) {
        String name = names.get(target.name());
        if (name == null) { // RPN head, box predictor, extra norm
            return;
        }
        Safetensors.FloatTensor source = encoder.get(name);
        if (source == null) {
            problems.add(name + " is missing");
        } else if (!source.shape().equals(target.shape())) {
            problems.add(name + " must have shape " + target.shape() + ", found " + source.shape());
        } else {
            System.arraycopy(source.values(), 0, buffer, target.offset(), target.size());
        }
    }

    /** Names in the encoder by names in the detector, for the tensors that both have. */
    private static Map<String, String> names(DetectorLayout layout) {
        Map<String, String> names = new LinkedHashMap<>();
        for (DetectorLayout.DetectorConvolution convolution : layout.convolutions()) {
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
