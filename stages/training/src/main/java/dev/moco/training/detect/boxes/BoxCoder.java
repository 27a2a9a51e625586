package dev.moco.training.detect.boxes;

/**
 * A box as shifts of another box's centre and log ratios of the sides, each times a weight (R-CNN, appendix C).
 *
 * @param centre weight of dx and dy
 * @param side weight of dw and dh
 */
public record BoxCoder(double centre, double side) {
    public static final BoxCoder PROPOSALS = new BoxCoder(1, 1);
    public static final BoxCoder REGIONS = new BoxCoder(10, 5);

    /** A side grows at most 1000/16 times: exp() of an early, wild delta would overflow. */
    static final double LARGEST_LOG_RATIO = Math.log(1000.0 / 16);

    /** Deltas (dx, dy, dw, dh) from {@code from} to {@code to}, written at an offset. */
    public void encode(Boxes from, int source, Boxes to, int target, float[] deltas, int offset) {
        double width = from.width(source);
        double height = from.height(source);
        double x = (to.x1(target) + to.width(target) / 2) - (from.x1(source) + width / 2);
        double y = (to.y1(target) + to.height(target) / 2) - (from.y1(source) + height / 2);
        deltas[offset] = (float) (centre * x / width);
        deltas[offset + 1] = (float) (centre * y / height);
        deltas[offset + 2] = (float) (side * Math.log(to.width(target) / width));
        deltas[offset + 3] = (float) (side * Math.log(to.height(target) / height));
    }

    /** The box at deltas from {@code from}, its corners written at an offset. */
    public void decode(Boxes from, int source, float[] deltas, int deltaOffset, double[] corners, int offset) {
        double width = from.width(source);
        double height = from.height(source);
        double x = from.x1(source) + width / 2 + deltas[deltaOffset] / centre * width;
        double y = from.y1(source) + height / 2 + deltas[deltaOffset + 1] / centre * height;
        double halfWidth = Math.exp(Math.min(deltas[deltaOffset + 2] / side, LARGEST_LOG_RATIO)) * width / 2;
        double halfHeight = Math.exp(Math.min(deltas[deltaOffset + 3] / side, LARGEST_LOG_RATIO)) * height / 2;
        corners[offset] = x - halfWidth;
        corners[offset + 1] = y - halfHeight;
        corners[offset + 2] = x + halfWidth;
        corners[offset + 3] = y + halfHeight;
    }
}
