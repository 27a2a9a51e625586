package dev.moco.training.detect.model;

import dev.moco.contract.DetectConfig;
import dev.moco.training.detect.boxes.BoxCoder;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.NonMaximumSuppression;
import dev.moco.training.detect.evaluate.Detection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Selects the detections of an image from the outputs of the box predictor. */
record DetectionSelection(DetectConfig.Regions thresholds, int classes) {
    /**
     * Detections of an image, highest score first.
     *
     * @param boxes boxes in pixels of the resized image
     * @param labels class of each box
     * @param scores probability of that class
     */
    @SuppressWarnings("ArrayRecordComponent") // at most a hundred numbers
    record Selected(Boxes boxes, int[] labels, float[] scores) {
        /** Scales the detections to the original image and drops those that have no area there. */
        List<Detection> in(int originalWidth, int originalHeight, int width, int height) {
            Boxes original = boxes.scale((double) originalWidth / width, (double) originalHeight / height)
                    .clip(originalWidth, originalHeight);
            List<Detection> detections = new ArrayList<>();
            for (int i : original.nonEmpty()) {
                detections.add(new Detection(
                        labels[i], scores[i], original.x1(i), original.y1(i), original.x2(i), original.y2(i)));
            }
            return detections;
        }
    }

    /**
     * Decodes a box for each class of each region whose score is above the threshold, then applies NMS by class.
     *
     * @param probabilities classes + 1 for each region, background last
     * @param deltas box deltas, 4 x classes for each region
     */
    Selected select(Boxes regions, float[] probabilities, float[] deltas, int width, int height) {
        int[] candidates = candidates(regions.size(), probabilities);
        double[] corners = new double[4 * candidates.length];
        float[] scores = new float[candidates.length];
        int[] labels = new int[candidates.length];
        for (int i = 0; i < candidates.length; i++) {
            int region = candidates[i] / classes;
            labels[i] = candidates[i] % classes;
            scores[i] = probabilities[region * (classes + 1) + labels[i]];
            BoxCoder.REGIONS.decode(regions, region, deltas, 4 * candidates[i], corners, 4 * i);
        }
        Boxes boxes = new Boxes(corners).clip(width, height);
        int[] kept = NonMaximumSuppression.nms(
                boxes, scores, labels, thresholds.nmsThreshold(), thresholds.detectionsPerImage());
        int[] keptLabels = Arrays.stream(kept).map(i -> labels[i]).toArray();
        float[] keptScores = new float[kept.length];
        for (int i = 0; i < kept.length; i++) {
            keptScores[i] = scores[kept[i]];
        }
        return new Selected(boxes.select(kept), keptLabels, keptScores);
    }

    /** Indices (region x classes + class) of the scores above the threshold. */
    private int[] candidates(int regions, float[] probabilities) {
        int[] found = new int[regions * classes];
        int count = 0;
        for (int region = 0; region < regions; region++) {
            for (int label = 0; label < classes; label++) {
                if (probabilities[region * (classes + 1) + label] > thresholds.scoreThreshold()) {
                    found[count++] = region * classes + label;
                }
            }
        }
        return Arrays.copyOf(found, count);
    }
}
