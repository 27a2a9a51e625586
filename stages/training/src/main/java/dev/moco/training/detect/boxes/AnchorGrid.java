package dev.moco.training.detect.boxes;

import dev.moco.contract.DetectConfig;
import java.util.List;

/** Anchors: the same shapes centred on the top left corner of every feature cell. */
public final class AnchorGrid {
    private final Boxes cell;
    private final int stride;

    public AnchorGrid(DetectConfig.Anchors anchors, int stride) {
        this.cell = cell(anchors.sizes(), anchors.ratios());
        this.stride = stride;
    }

    /** Shapes around the origin, sizes outside, ratios (height / width) inside; the area is size x size. */
    private static Boxes cell(List<Integer> sizes, List<Double> ratios) {
        double[] corners = new double[4 * sizes.size() * ratios.size()];
        int at = 0;
        for (int size : sizes) {
            for (double ratio : ratios) {
                double width = Math.sqrt((double) size * size / ratio);
                double height = ratio * width;
                corners[at++] = -width / 2;
                corners[at++] = -height / 2;
                corners[at++] = width / 2;
                corners[at++] = height / 2;
            }
        }
        return new Boxes(corners);
    }

    /** Anchors of a cell. */
    public int shapes() {
        return cell.size();
    }

    /** Anchors of a feature map: rows outside, then columns, then shapes, the order of the RPN's outputs. */
    public Boxes over(int height, int width) {
        double[] corners = new double[4 * height * width * cell.size()];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int shape = 0; shape < cell.size(); shape++) {
                    corners[at++] = cell.x1(shape) + x * stride;
                    corners[at++] = cell.y1(shape) + y * stride;
                    corners[at++] = cell.x2(shape) + x * stride;
                    corners[at++] = cell.y2(shape) + y * stride;
                }
            }
        }
        return new Boxes(corners);
    }
}
