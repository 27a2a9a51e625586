package dev.moco.training.detect.model;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.resnet.FlatLayout;
import java.util.Arrays;

/**
 * Buffers of {@link Layout} before training.
 *
 * @param parameters weights, gammas, betas
 * @param statistics running means, running variances
 */
@SuppressWarnings("ArrayRecordComponent") // the buffers themselves, which an encoder is written into
public record InitialWeights(float[] parameters, float[] statistics) {
    /** Key of these draws beside those of the iterations, which count from 0. */
    private static final long KEY = -1;

    /** Normal weights, zero biases, gamma 1, beta 0, mean 0, variance 1. */
    public static InitialWeights draw(Layout layout, long seed) {
        float[] parameters = new float[FlatLayout.length(layout.flat().parameters())];
        CounterRandom random = CounterRandom.of(seed, KEY);
        int at = 0;
        for (Layout.Weight weight : layout.weights()) {
            for (int i = 0; i < weight.size(); i++) {
                parameters[at++] = weight.deviation() == 0 ? 0 : (float) (weight.deviation() * random.nextGaussian());
            }
        }
        int channels = layout.norms().stream().mapToInt(Layout.Norm::channels).sum();
        Arrays.fill(parameters, at, at + channels, 1);
        float[] statistics = new float[2 * channels];
        Arrays.fill(statistics, channels, 2 * channels, 1);
        return new InitialWeights(parameters, statistics);
    }
}
