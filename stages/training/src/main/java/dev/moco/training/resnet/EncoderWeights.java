package dev.moco.training.resnet;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The parameters and statistics of an encoder in the order of its {@link EncoderLayout}.
 *
 * @param parameters weights, gammas, betas
 * @param statistics running means and variances of the norms
 */
@SuppressWarnings("ArrayRecordComponent") // up to 240 MB, never compared
public record EncoderWeights(float[] parameters, float[] statistics) {
    /** Numbers written at a time. */
    private static final int CHUNK = 1 << 13;

    /**
     * Initial weights (docs/method.md §1.1): convolutions normal with variance 2 / (out * kernel²), linear layers uniform
     * within 1 / sqrt(in), gammas 1, betas 0, running means 0 and variances 1. Each tensor draws from a sequence of its own,
     * so that the backbone is the same with any head.
     */
    public static EncoderWeights initial(EncoderLayout layout, long seed) {
        float[] parameters = new float[FlatLayout.length(layout.parameters())];
        drawParameters(layout, seed, FloatBuffer.wrap(parameters));
        return new EncoderWeights(parameters, initialStatistics(layout));
    }

    /** The parameters of {@link #initial}, written to a buffer of their length. */
    public static void drawParameters(EncoderLayout layout, long seed, FloatBuffer to) {
        List<FlatTensor> tensors = layout.parameters();
        int convolutions = layout.resnet().convolutions().size();
        for (int i = 0; i < tensors.size(); i++) {
            FlatTensor tensor = tensors.get(i);
            CounterRandom random = CounterRandom.of(seed, i);
            int ofHead = i - 3 * convolutions;
            if (ofHead >= layout.head().size()) {
                float constant = (ofHead - layout.head().size()) % 2 == 0 ? 1 : 0;
                put(to, tensor, chunk -> Arrays.fill(chunk, constant));
            } else if (ofHead >= 0) {
                double bound = 1 / Math.sqrt(layout.head().get(ofHead).in());
                put(to, tensor, chunk -> drawUniform(random, bound, chunk));
            } else if (i % 3 == 0) {
                List<Integer> shape = tensor.shape();
                double deviation = Math.sqrt(2.0 / (shape.get(0) * shape.get(2) * shape.get(3)));
                put(to, tensor, chunk -> drawNormal(random, deviation, chunk));
            } else {
                float constant = i % 3 == 1 ? 1 : 0;
                put(to, tensor, chunk -> Arrays.fill(chunk, constant));
            }
        }
    }

    private static void drawUniform(CounterRandom random, double bound, float[] chunk) {
        for (int i = 0; i < chunk.length; i++) {
            chunk[i] = (float) random.uniform(-bound, bound);
        }
    }

    private static void drawNormal(CounterRandom random, double deviation, float[] chunk) {
        for (int i = 0; i < chunk.length; i++) {
            chunk[i] = (float) (deviation * random.nextGaussian());
        }
    }

    /** Running means 0 and variances 1. */
    public static float[] initialStatistics(EncoderLayout layout) {
        float[] statistics = new float[FlatLayout.length(layout.statistics())];
        Arrays.fill(statistics, statistics.length / 2, statistics.length, 1);
        return statistics;
    }

    /** Each kind of draw fills chunks in a loop of its own; one loop for all would be compiled anew for each kind. */
    private static void put(FloatBuffer to, FlatTensor tensor, Consumer<float[]> draw) {
        float[] chunk = new float[0];
        for (int done = 0; done < tensor.size(); done += chunk.length) {
            int count = Math.min(CHUNK, tensor.size() - done);
            chunk = chunk.length == count ? chunk : new float[count];
            draw.accept(chunk);
            to.put(tensor.offset() + done, chunk);
        }
    }
}
