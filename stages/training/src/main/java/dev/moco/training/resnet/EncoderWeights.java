package dev.moco.training.resnet;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.resnet.FlatLayout.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * An encoder's numbers in the order of its {@link EncoderLayout}.
 *
 * @param parameters weights, gammas, betas
 * @param statistics running means and variances of the norms
 */
@SuppressWarnings("ArrayRecordComponent") // up to 240 MB, never compared
public record EncoderWeights(float[] parameters, float[] statistics) {

    /**
     * Initial weights (RECIPE §1.1): convolutions normal with variance 2 / (out * side²), linear layers uniform within
     * 1 / sqrt(in), gammas 1, betas 0, running means 0 and variances 1. Each tensor draws from a sequence of its own, so
     * the backbone is the same with any head.
     */
    public static EncoderWeights initial(EncoderLayout layout, long seed) {
        List<Tensor> tensors = layout.parameters();
        float[] parameters = new float[FlatLayout.length(tensors)];
        int convolutions = layout.convolutions().size();
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            int end = tensor.offset() + tensor.size();
            CounterRandom random = CounterRandom.of(seed, i);
            if (i >= 3 * convolutions) {
                double bound =
                        1 / Math.sqrt(layout.head().get(i - 3 * convolutions).in());
                for (int at = tensor.offset(); at < end; at++) {
                    parameters[at] = (float) random.uniform(-bound, bound);
                }
            } else if (i % 3 == 0) {
                List<Integer> shape = tensor.shape();
                double deviation = Math.sqrt(2.0 / (shape.get(0) * shape.get(2) * shape.get(3)));
                for (int at = tensor.offset(); at < end; at++) {
                    parameters[at] = (float) (deviation * random.nextGaussian());
                }
            } else if (i % 3 == 1) {
                Arrays.fill(parameters, tensor.offset(), end, 1);
            }
        }
        float[] statistics = new float[FlatLayout.length(layout.statistics())];
        Arrays.fill(statistics, statistics.length / 2, statistics.length, 1);
        return new EncoderWeights(parameters, statistics);
    }
}
