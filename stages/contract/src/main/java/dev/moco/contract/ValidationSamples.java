package dev.moco.contract;

import java.util.List;
import java.util.Objects;

/**
 * Validation of a linear classifier in detail, for the report.
 *
 * @param classes accuracy of each class; of very many, the worst
 * @param confusions how often images of a class were taken for another; of many, the most frequent
 * @param neighbors some validation images with those of the nearest features
 * @param embedding features of some validation images in two dimensions
 */
public record ValidationSamples(
        List<ClassCount> classes, List<Confusion> confusions, List<Neighbors> neighbors, List<Point> embedding) {
    /** Log file of linear classification. */
    public static final String FILE = "logs/validation.json";
    /** Most classes whose accuracy is listed. */
    public static final int MAX_CLASSES = 1000;
    /** Most confusions: all of 50 classes. */
    public static final int MAX_CONFUSIONS = 2500;

    private static final int MAX_POINTS = 1000;
    private static final int MAX_IMAGES = 32;
    private static final int MAX_NAME = 256;

    public ValidationSamples {
        Bounds.count("classes", classes.size(), MAX_CLASSES);
        Bounds.count("confusions", confusions.size(), MAX_CONFUSIONS);
        Bounds.count("images with neighbors", neighbors.size(), MAX_IMAGES);
        Bounds.count("points", embedding.size(), MAX_POINTS);
        classes = List.copyOf(classes);
        confusions = List.copyOf(confusions);
        neighbors = List.copyOf(neighbors);
        embedding = List.copyOf(embedding);
    }

    /** Validation images of a class, and how many of them were classified correctly. */
    public record ClassCount(String name, long images, long correct) {
        public ClassCount {
            Bounds.text("name of a class", name, MAX_NAME);
            Bounds.notNegative("images of a class", images);
            Bounds.notNegative("correct images of a class", correct);
        }

        /** Share of correct images in percent; 0 without images. */
        public double accuracy() {
            return images == 0 ? 0 : 100.0 * correct / images;
        }
    }

    /** Number of images of a class that were classified as another. */
    public record Confusion(String truth, String predicted, long images) {
        public Confusion {
            Bounds.text("name of a class", truth, MAX_NAME);
            Bounds.text("name of a class", predicted, MAX_NAME);
            Bounds.notNegative("confused images", images);
        }
    }

    /** An image and those whose features are nearest to its own, the nearest first. */
    public record Neighbors(Picture image, List<Neighbor> nearest) {
        public Neighbors {
            Objects.requireNonNull(image, "image with neighbors");
            Bounds.count("neighbors of an image", nearest.size(), MAX_IMAGES);
            nearest = List.copyOf(nearest);
        }
    }

    /** An image with the cosine of the angle between its features and another's. */
    public record Neighbor(Picture image, double similarity) {
        public Neighbor {
            Objects.requireNonNull(image, "image of a neighbor");
            Bounds.number("similarity", similarity);
        }
    }

    /** Features of an image on the first two principal components. */
    public record Point(String label, double x, double y) {
        public Point {
            Bounds.text("label of a point", label, MAX_NAME);
            Bounds.number("x", x);
            Bounds.number("y", y);
        }
    }
}
