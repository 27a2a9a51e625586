package dev.moco.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;

/** Reads numbers of the vectors, and draws the weights and images of files 41 and 42 by their rules. */
public final class VectorNumbers {
    private static final long WEIGHTS = 5000;

    private VectorNumbers() {}

    /** Flattens nested arrays in row order. */
    public static double[] doubles(JsonNode numbers) {
        return flatten(numbers).toArray();
    }

    public static int[] ints(JsonNode numbers) {
        return flatten(numbers).mapToInt(number -> (int) number).toArray();
    }

    /** Draws from the file's generator, mapped to [-1, 1) as 2u - 1. */
    public static double[] symmetric(long seed, int count) {
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = 2 * CounterRandom.uniform24(seed, i) - 1;
        }
        return numbers;
    }

    /** Draws parameters by {@code init_rule}, in the layout's flat order. */
    public static double[] parameters(EncoderLayout layout, long seedOffset) {
        List<FlatTensor> tensors = layout.parameters();
        double[] flat = new double[FlatLayout.length(tensors)];
        for (int i = 0; i < tensors.size(); i++) {
            FlatTensor tensor = tensors.get(i);
            double[] drawn = symmetric(WEIGHTS + seedOffset + i, tensor.size());
            for (int at = 0; at < drawn.length; at++) {
                flat[tensor.offset() + at] = initial(tensor, drawn[at]);
            }
        }
        return flat;
    }

    /** Returns means 0 and variances 1, in the layout's order. */
    public static double[] statistics(EncoderLayout layout) {
        int length = FlatLayout.length(layout.statistics());
        double[] statistics = new double[length];
        for (int i = length / 2; i < length; i++) {
            statistics[i] = 1;
        }
        return statistics;
    }

    private static double initial(FlatTensor tensor, double drawn) {
        List<Integer> shape = tensor.shape();
        return switch (shape.size()) {
            case 4 -> drawn * Math.sqrt(6.0 / (shape.get(1) * shape.get(2) * shape.get(3)));
            case 2 -> drawn / Math.sqrt(shape.get(1));
            default -> tensor.name().endsWith("weight") ? 1 + 0.2 * drawn : 0.1 * drawn;
        };
    }

    private static DoubleStream flatten(JsonNode node) {
        return node.isArray()
                ? StreamSupport.stream(node.spliterator(), false).flatMapToDouble(VectorNumbers::flatten)
                : DoubleStream.of(node.asDouble());
    }
}
