package dev.moco.training.detect.boxes;

/**
 * From the RPN's outputs for an image to its proposals: the best anchors, moved, cut to the image, suppressed.
 *
 * @param beforeNms boxes kept before suppression
 * @param afterNms boxes kept after it
 * @param threshold IoU above which a box is suppressed
 */
public record ProposalSelection(int beforeNms, int afterNms, double threshold) {

    /**
     * Proposals of an image, best first.
     *
     * @param logits objectness of the image's anchors
     * @param deltas four an anchor
     * @param width columns of the image without its padding
     * @param height rows, likewise
     */
    public Boxes select(Boxes anchors, float[] logits, float[] deltas, int width, int height) {
        int[] best = Suppression.best(logits, beforeNms);
        double[] corners = new double[4 * best.length];
        for (int i = 0; i < best.length; i++) {
            BoxCoder.PROPOSALS.decode(anchors, best[i], deltas, 4 * best[i], corners, 4 * i);
        }
        Boxes clipped = new Boxes(corners).clip(width, height);
        int[] filled = clipped.withArea();
        float[] scores = new float[filled.length];
        for (int i = 0; i < filled.length; i++) {
            scores[i] = logits[best[filled[i]]];
        }
        Boxes candidates = clipped.select(filled);
        return candidates.select(Suppression.keep(candidates, scores, threshold, afterNms));
    }
}
