package dev.moco.contract;

import java.util.List;
import java.util.Objects;

/**
 * Some test images with their objects and what the detector found.
 *
 * @param samples images
 */
public record DetectionSamples(List<DetectionSample> samples) {
    /** Log file of a detection trial. */
    public static final String FILE = "logs/detections.json";

    private static final int MAX_IMAGES = 32;
    private static final int MAX_BOXES = 200;
    private static final int MAX_NAME = 256;

    public DetectionSamples {
        Bounds.count("images with detections", samples.size(), MAX_IMAGES);
        samples = List.copyOf(samples);
    }

    /**
     * A test image.
     *
     * @param image picture of it, with the image's name as its label
     * @param truths its objects
     * @param found detections, the best first
     */
    public record DetectionSample(Picture image, List<Box> truths, List<Box> found) {
        public DetectionSample {
            Objects.requireNonNull(image, "image of a sample");
            Bounds.count("objects of an image", truths.size(), MAX_BOXES);
            Bounds.count("detections of an image", found.size(), MAX_BOXES);
            truths = List.copyOf(truths);
            found = List.copyOf(found);
        }
    }

    /**
     * A box in pixels of the picture.
     *
     * @param name class
     * @param score probability of the class; 1 for an object of the test set
     */
    public record Box(String name, double score, double x1, double y1, double x2, double y2) {
        public Box {
            Bounds.text("class of a box", name, MAX_NAME);
            Bounds.percent("score in percent", 100 * score);
            Bounds.number("x1", x1);
            Bounds.number("y1", y1);
            Bounds.number("x2", x2);
            Bounds.number("y2", y2);
        }
    }
}
