package dev.moco.training.detect.boxes;

/**
 * Encodes a box relative to another one: the offset of its center and the logarithms of the ratios of its sides, each
 * multiplied by a weight (R-CNN, arXiv 1311.2524, appendix C).
 *
 * @param center weight of the deltas dx and dy
 * @param side weight of the deltas dw and dh
 */
public record BoxCoder(double center, double side) {
    /** Coder of the region proposal network, from anchors to objects. */
    public static final BoxCoder PROPOSALS = new BoxCoder(1, 1);

    /** Coder of the box predictor, from regions of interest to objects. */
    public static final BoxCoder REGIONS = new BoxCoder(10, 5);

    /** Limit of the ratio of sides when decoding: without it, exp() of a large delta early in training overflows. */
    static final double LARGEST_LOG_RATIO = Math.log(1000.0 / 16);

    /** Writes at {@code offset} the deltas (dx, dy, dw, dh) that turn box {@code source} into box {@code target}. */
    public void encode(Boxes from, int source, Boxes to, int target, float[] deltas, int offset) {
        double width = from.width(source);
        double height = from.height(source);
        double x = (to.x1(target) + to.width(target) / 2) - (from.x1(source) + width / 2);
        double y = (to.y1(target) + to.height(target) / 2) - (from.y1(source) + height / 2);
        deltas[offset] = (float) (center * x / width);
        deltas[offset + 1] = (float) (center * y / height);
        deltas[offset + 2] = (float) (side * Math.log(to.width(target) / width));
        deltas[offset + 3] = (float) (side * Math.log(to.height(target) / height));
    }

    /** Writes at {@code offset} the corners of the box that the deltas make of box {@code source}. */
    public void decode(Boxes from, int source, float[] deltas, int deltaOffset, double[] corners, int offset) {
        double width = from.width(source);
        double height = from.height(source);
        double x = from.x1(source) + width / 2 + deltas[deltaOffset] / center * width;
        double y = from.y1(source) + height / 2 + deltas[deltaOffset + 1] / center * height;
        double halfWidth = Math.exp(Math.min(deltas[deltaOffset + 2] / side, LARGEST_LOG_RATIO)) * width / 2;
        double halfHeight = Math.exp(Math.min(deltas[deltaOffset + 3] / side, LARGEST_LOG_RATIO)) * height / 2;
        corners[offset] = x - halfWidth;
        corners[offset + 1] = y - halfHeight;
        corners[offset + 2] = x + halfWidth;
        corners[offset + 3] = y + halfHeight;
    }
}
