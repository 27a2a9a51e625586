package dev.moco.contract;

import java.util.List;
import java.util.Objects;

/**
 * Some training images with views as pre-training draws them.
 *
 * @param samples images with their views
 */
public record ViewSamples(List<ViewSample> samples) {
    /** Log file of pre-training. */
    public static final String FILE = "logs/views.json";

    private static final int MAX = 16;

    public ViewSamples {
        Bounds.count("images with views", samples.size(), MAX);
        samples = List.copyOf(samples);
    }

    /**
     * An image with its views.
     *
     * @param image the image
     * @param views random views of it
     */
    public record ViewSample(Picture image, List<Picture> views) {
        public ViewSample {
            Objects.requireNonNull(image, "image of a sample");
            Bounds.count("views of an image", views.size(), MAX);
            views = List.copyOf(views);
        }
    }
}
