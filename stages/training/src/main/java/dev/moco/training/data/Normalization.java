package dev.moco.training.data;

import java.util.List;

/**
 * Per-channel normalisation of pixels scaled to [0, 1]: (pixel / 255 - mean) / standardDeviation.
 *
 * @param mean of R, G, B
 * @param standardDeviation of R, G, B
 */
public record Normalization(List<Double> mean, List<Double> standardDeviation) {
    /** ImageNet's, which every stage uses (RECIPE §1.6). */
    public static final Normalization IMAGENET =
            new Normalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

    public Normalization {
        mean = List.copyOf(mean);
        standardDeviation = List.copyOf(standardDeviation);
    }
}
