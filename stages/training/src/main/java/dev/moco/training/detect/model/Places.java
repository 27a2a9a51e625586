package dev.moco.training.detect.model;

import dev.moco.contract.ResNet;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Places of the ResNet's layers and of the heads in the detector's flat buffers.
 *
 * @param convolutions by torchvision's names
 * @param extraNorm batch norm after layer4, a {@code NormPlace}
 * @param rpn first number of the parameters of the RPN head
 * @param predictor first number of those of the box predictor
 */
record Places(Map<String, Convolution> convolutions, List<Object> extraNorm, int rpn, int predictor) {
    /** Weights and biases of the RPN head. */
    private static final int RPN_PARAMETERS = 6;

    /**
     * A convolution and the batch norm after it, as {@code layers.py} takes them.
     *
     * @param weight a {@code Place}
     * @param norm a {@code NormPlace}
     */
    record Convolution(List<Object> weight, List<Object> norm) {}

    static Places of(DetectorLayout layout) {
        List<FlatTensor> parameters = layout.flat().parameters();
        List<FlatTensor> statistics = layout.flat().statistics();
        int weights = layout.weights().size();
        int norms = layout.norms().size();
        List<ResNet.Convolution> all = layout.resnet().convolutions();
        Map<String, Convolution> convolutions = new HashMap<>();
        for (int i = 0; i < all.size(); i++) {
            FlatTensor weight = parameters.get(i);
            long[] shape = weight.shape().stream().mapToLong(Integer::longValue).toArray();
            convolutions.put(
                    all.get(i).name(),
                    new Convolution(
                            List.of(weight.offset(), shape, all.get(i).stride()),
                            norm(parameters, statistics, i, weights, norms)));
        }
        return new Places(
                convolutions,
                norm(parameters, statistics, norms - 1, weights, norms),
                parameters.get(all.size()).offset(),
                parameters.get(all.size() + RPN_PARAMETERS).offset());
    }

    private static List<Object> norm(
            List<FlatTensor> parameters, List<FlatTensor> statistics, int norm, int weights, int norms) {
        return List.of(
                parameters.get(weights + norm).size(),
                parameters.get(weights + norm).offset(),
                parameters.get(weights + norms + norm).offset(),
                statistics.get(norm).offset(),
                statistics.get(norms + norm).offset());
    }

    Convolution of(ResNet.Convolution convolution) {
        return Objects.requireNonNull(convolutions.get(convolution.name()), convolution.name());
    }
}
