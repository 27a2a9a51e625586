package dev.moco.training.detect.input;

/** Size of an image after resizing, in pixels. */
record ResizedSize(int width, int height) {
    /** Scales the short side to {@code shortSide}, or to less if the long side would exceed {@code maxSide}. */
    static ResizedSize shortestEdge(int width, int height, int shortSide, int maxSide) {
        double scale = (double) shortSide / Math.min(width, height);
        double newWidth = width <= height ? shortSide : scale * width;
        double newHeight = width <= height ? scale * height : shortSide;
        double longest = Math.max(newWidth, newHeight);
        double shrink = longest > maxSide ? maxSide / longest : 1;
        return new ResizedSize((int) (newWidth * shrink + .5), (int) (newHeight * shrink + .5));
    }
}
