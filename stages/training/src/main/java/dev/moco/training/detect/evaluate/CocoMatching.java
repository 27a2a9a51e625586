package dev.moco.training.detect.evaluate;

import dev.moco.training.data.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Matches the detections of a class to the ground truth like COCO's evaluator: in each image, in descending order of
 * score, a detection is matched to the unmatched object with the highest IoU. Difficult objects are COCO's crowds: they
 * match any number of detections, by the share of the detection inside them, and such detections are not counted.
 */
final class CocoMatching {
    private static final int DETECTIONS_PER_IMAGE = 100;

    private CocoMatching() {}

    private record Outcome(double score, boolean hit) {}

    static PrecisionRecall at(TestSet set, int label, double threshold) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int image = 0; image < set.truths().size(); image++) {
            match(set.truths(image, label), set.detections(image, label), threshold, outcomes);
        }
        outcomes.sort(Comparator.comparingDouble(Outcome::score).reversed());
        boolean[] hits = new boolean[outcomes.size()];
        for (int i = 0; i < hits.length; i++) {
            hits[i] = outcomes.get(i).hit();
        }
        return PrecisionRecall.of(hits, set.counted(label));
    }

    private static void match(
            List<Sample.GroundTruth> truths, List<Detection> detections, double threshold, List<Outcome> outcomes) {
        boolean[] matched = new boolean[truths.size()];
        for (Detection detection : detections.subList(0, Math.min(DETECTIONS_PER_IMAGE, detections.size()))) {
            int object = best(truths, detection, threshold, matched);
            if (object >= 0) {
                matched[object] = true;
            }
            if (object < 0 || !truths.get(object).difficult()) {
                outcomes.add(new Outcome(detection.score(), object >= 0));
            }
        }
    }

    /**
     * Index of the unmatched object with the highest IoU of at least the threshold; a difficult one only if there is no
     * other; -1 if there is none.
     */
    private static int best(List<Sample.GroundTruth> truths, Detection detection, double threshold, boolean[] matched) {
        for (boolean difficult : new boolean[] {false, true}) {
            int best = -1;
            double iou = threshold;
            for (int i = 0; i < truths.size(); i++) {
                Sample.GroundTruth truth = truths.get(i);
                if (truth.difficult() != difficult || (matched[i] && !difficult)) {
                    continue;
                }
                double other = iou(truth, detection);
                if (other >= iou) {
                    iou = other;
                    best = i;
                }
            }
            if (best >= 0) {
                return best;
            }
        }
        return -1;
    }

    private static double iou(Sample.GroundTruth truth, Detection detection) {
        double width = Math.min(truth.x2(), detection.x2()) - Math.max(truth.x1(), detection.x1());
        double height = Math.min(truth.y2(), detection.y2()) - Math.max(truth.y1(), detection.y1());
        if (width <= 0 || height <= 0) {
            return 0;
        }
        double area = (detection.x2() - detection.x1()) * (detection.y2() - detection.y1());
        double truthArea = (truth.x2() - truth.x1()) * (truth.y2() - truth.y1());
        double intersection = width * height;
        return intersection / (truth.difficult() ? area : area + truthArea - intersection);
    }
}
