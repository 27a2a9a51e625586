package dev.moco.training.detect.model;

import dev.moco.contract.DetectConfig;
import dev.moco.training.detect.boxes.BoxCoder;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.Suppression;
import dev.moco.training.detect.evaluate.Detection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** From the RoI head's outputs for an image to its detections. */
record DetectionSelection(DetectConfig.Regions thresholds, int classes) {
    /**
     * Detections, best first, in the pixels of the resized image.
     *
     * @param boxes boxes
     * @param labels their classes
     * @param scores their probabilities
     */
    @SuppressWarnings("ArrayRecordComponent") // at most a hundred
    record Selected(Boxes boxes, int[] labels, float[] scores) {
        /** In an original image, without those that have no area there. */
        List<Detection> in(int originalWidth, int originalHeight, int width, int height) {
            Boxes original = boxes.scale((double) originalWidth / width, (double) originalHeight / height)
                    .clip(originalWidth, originalHeight);
            List<Detection> detections = new ArrayList<>();
            for (int i : original.withArea()) {
                detections.add(new Detection(
                        labels[i], scores[i], original.x1(i), original.y1(i), original.x2(i), original.y2(i)));
            }
            return detections;
        }
    }

    /**
     * Every class of every region is a candidate.
     *
     * @param probabilities classes + 1 a region, background last
     * @param deltas 4 x classes a region
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
        int[] kept =
                Suppression.keep(boxes, scores, labels, thresholds.nmsThreshold(), thresholds.detectionsPerImage());
        int[] keptLabels = Arrays.stream(kept).map(i -> labels[i]).toArray();
        float[] keptScores = new float[kept.length];
        for (int i = 0; i < kept.length; i++) {
            keptScores[i] = scores[kept[i]];
        }
        return new Selected(boxes.select(kept), keptLabels, keptScores);
    }

    /** region x classes + class of each score above the threshold. */
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
