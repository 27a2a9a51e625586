package dev.moco.training.detect.boxes;

/**
 * Selects the proposals of an image from the outputs of the RPN head: decodes the anchors of the highest objectness,
 * clips them to the image, and applies non-maximum suppression.
 *
 * @param beforeNms number of boxes kept before suppression
 * @param afterNms number of boxes kept after suppression
 * @param threshold IoU above which a box is suppressed
 */
public record ProposalSelection(int beforeNms, int afterNms, double threshold) {

    /**
     * Returns the proposals of an image, highest objectness first.
     *
     * @param logits objectness logit of each anchor
     * @param deltas four anchor deltas for each anchor
     * @param width columns of the image, without padding
     * @param height rows, likewise
     */
    public Boxes select(Boxes anchors, float[] logits, float[] deltas, int width, int height) {
        int[] best = NonMaximumSuppression.best(logits, beforeNms);
        double[] corners = new double[4 * best.length];
        for (int i = 0; i < best.length; i++) {
            BoxCoder.PROPOSALS.decode(anchors, best[i], deltas, 4 * best[i], corners, 4 * i);
        }
        Boxes clipped = new Boxes(corners).clip(width, height);
        int[] filled = clipped.nonEmpty();
        float[] scores = new float[filled.length];
        for (int i = 0; i < filled.length; i++) {
            scores[i] = logits[best[filled[i]]];
        }
        Boxes candidates = clipped.select(filled);
        return candidates.select(NonMaximumSuppression.nms(candidates, scores, threshold, afterNms));
    }
}
