package dev.moco.training.detect.boxes;

/**
 * How many boxes of an image enter a loss: up to a share of positives, the rest negatives, fewer if there are fewer.
 *
 * @param positives positives drawn
 * @param negatives negatives drawn
 */
record SampleSize(int positives, int negatives) {
    static SampleSize of(int size, double positiveFraction, int positivesFound, int negativesFound) {
        int positives = Math.min(positivesFound, (int) (size * positiveFraction));
        return new SampleSize(positives, Math.min(negativesFound, size - positives));
    }
}
