package dev.moco.training.detect.boxes;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Regions of interest drawn in an image, and the targets of the RoI head's losses.
 *
 * @param regions first those on objects, then those on background
 * @param classes class of each region; the number of classes for background
 * @param deltas four deltas for each region on an object, from the region to the object
 */
@SuppressWarnings("ArrayRecordComponent") // soon copied to tensors
record RegionTargets(Boxes regions, long[] classes, float[] deltas) {

    /**
     * Draws regions among the proposals and the ground-truth boxes; early in training, no proposal is close to an object.
     */
    static RegionTargets of(
            Boxes proposals, Instances instances, int background, BoxSampler sampler, RandomGenerator random) {
        Boxes objects = instances.boxes();
        Boxes candidates = proposals.append(objects);
        Matcher.Matches matches = Matcher.REGIONS.match(objects, candidates);
        BoxSampler.Drawn drawn = sampler.draw(matches.labels(), random);
        int positives = drawn.positives().length;
        long[] classes = new long[positives + drawn.negatives().length];
        Arrays.fill(classes, background);
        float[] deltas = new float[4 * positives];
        for (int i = 0; i < positives; i++) {
            int candidate = drawn.positives()[i];
            int object = matches.objects()[candidate];
            classes[i] = instances.classes()[object];
            BoxCoder.REGIONS.encode(candidates, candidate, objects, object, deltas, 4 * i);
        }
        int[] chosen =
                Arrays.stream(drawn.positivesFirst()).mapToInt(Math::toIntExact).toArray();
        return new RegionTargets(candidates.select(chosen), classes, deltas);
    }

    /** Number of regions on objects. */
    int objects() {
        return deltas.length / 4;
    }
}
