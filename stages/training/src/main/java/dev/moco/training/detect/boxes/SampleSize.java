package dev.moco.training.detect.boxes;

/**
 * Numbers of positive and negative boxes to draw: at most a share of positives, then negatives up to the total.
 *
 * @param positives positive boxes to draw
 * @param negatives negative boxes to draw
 */
record SampleSize(int positives, int negatives) {
    static SampleSize of(int size, double positiveFraction, int positivesFound, int negativesFound) {
        int positives = Math.min(positivesFound, (int) (size * positiveFraction));
        return new SampleSize(positives, Math.min(negativesFound, size - positives));
    }
}
