package dev.moco.training.pretrain.simclr;

import dev.moco.contract.ResNet;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/**
 * Initial weights as SimCLR's code draws them: convolutions normal within two deviations, with variance 1 / fan-in; linear
 * layers normal with deviation 0.01; batch norms 1 and 0, but the weight of each block's last one 0, so that blocks begin as
 * their shortcuts.
 */
final class SimClrWeights {
    private static final double LINEAR_DEVIATION = 0.01;
    /** Deviation of a standard normal variable within two deviations. */
    private static final double TRUNCATED_DEVIATION = 0.8796256610342398;

    private static final double MOST_DEVIATIONS = 2;

    private SimClrWeights() {}

    /** Draws each tensor from a sequence of its own, and writes it to its place in the flat buffer. */
    static void drawParameters(EncoderLayout layout, long seed, FloatBuffer to) {
        Set<String> zero = lastWeights(layout.resnet());
        List<FlatTensor> tensors = layout.parameters();
        for (int i = 0; i < tensors.size(); i++) {
            FlatTensor tensor = tensors.get(i);
            CounterRandom random = CounterRandom.of(seed, i);
            DoubleSupplier number = switch (tensor.shape().size()) {
                case 4 -> convolution(tensor, random);
                case 2 -> () -> LINEAR_DEVIATION * random.nextGaussian();
                default -> {
                    double constant = tensor.name().endsWith(".weight") && !zero.contains(tensor.name()) ? 1 : 0;
                    yield () -> constant;
                }
            };
            for (int at = 0; at < tensor.size(); at++) {
                to.put(tensor.offset() + at, (float) number.getAsDouble());
            }
        }
    }

    private static DoubleSupplier convolution(FlatTensor tensor, CounterRandom random) {
        int fanIn = tensor.size() / tensor.shape().get(0);
        double deviation = Math.sqrt(1.0 / fanIn) / TRUNCATED_DEVIATION;
        return () -> {
            double drawn = random.nextGaussian();
            while (Math.abs(drawn) > MOST_DEVIATIONS) {
                drawn = random.nextGaussian();
            }
            return deviation * drawn;
        };
    }

    private static Set<String> lastWeights(ResNet resnet) {
        return resnet.layers().stream()
                .flatMap(List::stream)
                .map(block -> block.convolutions()
                                .get(block.convolutions().size() - 1)
                                .norm() + ".weight")
                .collect(Collectors.toSet());
    }
}
