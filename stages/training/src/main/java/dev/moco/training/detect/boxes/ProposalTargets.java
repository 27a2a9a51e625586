package dev.moco.training.detect.boxes;

import java.util.random.RandomGenerator;

/**
 * Targets of the RPN losses in an image.
 *
 * @param sampled anchors drawn: first those on objects, then those on background
 * @param deltas four deltas for each anchor on an object, from the anchor to the object
 */
@SuppressWarnings("ArrayRecordComponent") // soon copied to tensors
record ProposalTargets(long[] sampled, float[] deltas) {
    static ProposalTargets of(Boxes anchors, Boxes objects, BoxSampler sampler, RandomGenerator random) {
        Matcher.Matches matches = Matcher.PROPOSALS.match(objects, anchors);
        BoxSampler.Drawn drawn = sampler.draw(matches.labels(), random);
        float[] deltas = new float[4 * drawn.positives().length];
        for (int i = 0; i < drawn.positives().length; i++) {
            int anchor = drawn.positives()[i];
            BoxCoder.PROPOSALS.encode(anchors, anchor, objects, matches.objects()[anchor], deltas, 4 * i);
        }
        return new ProposalTargets(drawn.positivesFirst(), deltas);
    }
}
