package dev.moco.training.detect.model;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.resnet.FlatLayout;
import java.util.Arrays;

/**
 * Initial weights, in the order of {@link DetectorLayout}.
 *
 * @param parameters weights and biases, then gammas and betas of the batch norms
 * @param statistics running means, then running variances
 */
@SuppressWarnings("ArrayRecordComponent") // not copied: EncoderTransfer writes into these arrays
public record InitialWeights(float[] parameters, float[] statistics) {
    /** Distinguishes the random numbers drawn here from those of the iterations, which count from 0. */
    private static final long KEY = -1;

    /** Draws normal weights; biases are 0, gammas 1, betas 0, running means 0, running variances 1. */
    public static InitialWeights draw(DetectorLayout layout, long seed) {
        float[] parameters = new float[FlatLayout.length(layout.flat().parameters())];
        CounterRandom random = CounterRandom.of(seed, KEY);
        int at = 0;
        for (DetectorLayout.DetectorWeight weight : layout.weights()) {
            for (int i = 0; i < weight.size(); i++) {
                parameters[at++] = weight.deviation() == 0 ? 0 : (float) (weight.deviation() * random.nextGaussian());
            }
        }
        int channels = layout.norms().stream()
                .mapToInt(DetectorLayout.DetectorNorm::channels)
                .sum();
        Arrays.fill(parameters, at, at + channels, 1);
        float[] statistics = new float[2 * channels];
        Arrays.fill(statistics, channels, 2 * channels, 1);
        return new InitialWeights(parameters, statistics);
    }
}
