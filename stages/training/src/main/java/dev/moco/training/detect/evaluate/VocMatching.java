package dev.moco.training.detect.evaluate;

import dev.moco.training.data.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Matches the detections of a class to the ground truth like VOC's evaluator: a detection is compared only with the
 * object of the highest IoU, even if that object is difficult or already matched.
 */
final class VocMatching {
    private static final int NONE = -1;

    /** The object of the highest IoU with a detection: its index in the image's list, or {@link #NONE}, and the IoU. */
    private record Match(int image, int object, double iou, boolean difficult) {}

    private final List<Match> matches;
    private final int counted;

    VocMatching(TestSet set, int label) {
        this.counted = set.counted(label);
        List<List<Sample.GroundTruth>> truths = new ArrayList<>();
        for (int image = 0; image < set.truths().size(); image++) {
            truths.add(set.truths(image, label));
        }
        this.matches = set.detections(label).stream()
                .sorted(Comparator.comparing((TestSet.InImage found) ->
                                VocBox.writtenScore(found.detection().score()))
                        .reversed())
                .map(found -> best(found, truths.get(found.image())))
                .toList();
    }

    private static Match best(TestSet.InImage found, List<Sample.GroundTruth> truths) {
        VocBox box = VocBox.of(found.detection());
        int best = NONE;
        double iou = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < truths.size(); i++) {
            double other = box.iou(VocBox.of(truths.get(i)));
            if (other > iou) {
                iou = other;
                best = i;
            }
        }
        return new Match(
                found.image(), best, iou, best != NONE && truths.get(best).difficult());
    }

    /**
     * Precision and recall at an IoU threshold, which a correct detection must exceed. A detection of a difficult object is
     * not counted.
     */
    PrecisionRecall at(double threshold) {
        Set<Long> found = new HashSet<>();
        boolean[] hits = new boolean[matches.size()];
        int count = 0;
        for (Match match : matches) {
            boolean matched = match.iou > threshold;
            if (matched && match.difficult) {
                continue;
            }
            hits[count++] = matched && found.add(((long) match.image << 32) | match.object);
        }
        return PrecisionRecall.of(Arrays.copyOf(hits, count), counted);
    }
}
