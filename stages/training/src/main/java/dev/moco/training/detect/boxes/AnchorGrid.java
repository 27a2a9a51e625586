package dev.moco.training.detect.boxes;

import dev.moco.contract.DetectConfig;
import java.util.List;

/** Generates anchors: the same set of boxes, centered on the top left corner of each cell of a feature map. */
public final class AnchorGrid {
    private final Boxes cell;
    private final int stride;

    public AnchorGrid(DetectConfig.Anchors anchors, int stride) {
        this.cell = cell(anchors.sizes(), anchors.ratios());
        this.stride = stride;
    }

    /** Anchors centered on the origin, ratio (height / width) by ratio for each size; their area is size x size. */
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

    /** Number of anchors of a cell. */
    public int perCell() {
        return cell.size();
    }

    /** Anchors of a feature map, by row, then column, then anchor of the cell: the order of the RPN head's outputs. */
    public Boxes over(int height, int width) {
        double[] corners = new double[4 * height * width * cell.size()];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int anchor = 0; anchor < cell.size(); anchor++) {
                    corners[at++] = cell.x1(anchor) + x * stride;
                    corners[at++] = cell.y1(anchor) + y * stride;
                    corners[at++] = cell.x2(anchor) + x * stride;
                    corners[at++] = cell.y2(anchor) + y * stride;
                }
            }
        }
        return new Boxes(corners);
    }
}
