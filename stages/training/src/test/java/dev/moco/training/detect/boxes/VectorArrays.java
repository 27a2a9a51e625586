package dev.moco.training.detect.boxes;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;

/** Reads arrays of numbers from the vectors; nested arrays are flattened in row order. */
public final class VectorArrays {
    private VectorArrays() {}

    public static double[] doubles(JsonNode numbers) {
        return flatten(numbers).toArray();
    }

    public static float[] floats(JsonNode numbers) {
        double[] doubles = doubles(numbers);
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) doubles[i];
        }
        return floats;
    }

    public static int[] ints(JsonNode numbers) {
        return flatten(numbers).mapToInt(number -> (int) number).toArray();
    }

    public static Boxes boxes(JsonNode corners) {
        return new Boxes(doubles(corners));
    }

    private static DoubleStream flatten(JsonNode node) {
        return node.isArray()
                ? StreamSupport.stream(node.spliterator(), false).flatMapToDouble(VectorArrays::flatten)
                : DoubleStream.of(node.asDouble());
    }
}
