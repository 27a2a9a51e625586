package dev.moco.training.detect.evaluate;

import dev.moco.training.data.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Ground truth and detections of the images of a test set.
 *
 * @param classNames class names in the order of their labels
 * @param truths objects of each image
 * @param detections detections of each image
 */
public record TestSet(
        List<String> classNames, List<List<Sample.GroundTruth>> truths, List<List<Detection>> detections) {
    public TestSet {
        classNames = List.copyOf(classNames);
        truths = List.copyOf(truths);
        detections = List.copyOf(detections);
        if (truths.size() != detections.size()) {
            throw new IllegalArgumentException(
                    truths.size() + " images cannot have detections in " + detections.size());
        }
    }

    /** A detection and the index of its image. */
    record InImage(int image, Detection detection) {}

    /** Objects of a class in an image. */
    List<Sample.GroundTruth> truths(int image, int label) {
        return truths.get(image).stream()
                .filter(truth -> truth.label() == label)
                .toList();
    }

    /** Detections of a class in an image, highest score first; equal scores keep their order. */
    List<Detection> detections(int image, int label) {
        return detections.get(image).stream()
                .filter(detection -> detection.label() == label)
                .sorted(Comparator.comparingDouble(Detection::score).reversed())
                .toList();
    }

    /** Detections of a class in all images, image after image. */
    List<InImage> detections(int label) {
        List<InImage> found = new ArrayList<>();
        for (int image = 0; image < detections.size(); image++) {
            for (Detection detection : detections.get(image)) {
                if (detection.label() == label) {
                    found.add(new InImage(image, detection));
                }
            }
        }
        return found;
    }

    /** Number of objects of a class that count, which are those that are not difficult. */
    int counted(int label) {
        return (int) truths.stream()
                .flatMap(List::stream)
                .filter(truth -> truth.label() == label && !truth.difficult())
                .count();
    }
}
