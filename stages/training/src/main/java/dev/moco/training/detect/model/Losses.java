package dev.moco.training.detect.model;

import java.util.Map;

/**
 * Losses of an iteration, means over the ranks. SGD minimizes their sum.
 *
 * @param rpnClass objectness loss of the RPN head; loss_rpn_cls in detectron2
 * @param rpnBox loss of the anchor deltas; loss_rpn_loc
 * @param roiClass classification loss of the box predictor; loss_cls
 * @param roiBox loss of the box deltas; loss_box_reg
 */
public record Losses(double rpnClass, double rpnBox, double roiClass, double roiBox) {
    static Losses of(float[] losses) {
        return new Losses(losses[0], losses[1], losses[2], losses[3]);
    }

    public double total() {
        return rpnClass + rpnBox + roiClass + roiBox;
    }

    public boolean finite() {
        return Double.isFinite(total());
    }

    /** Losses by their names in {@link dev.moco.contract.HistoryPoint}. */
    public Map<String, Double> values() {
        return Map.of(
                "loss", total(),
                "lossRpnClass", rpnClass,
                "lossRpnBox", rpnBox,
                "lossClass", roiClass,
                "lossBox", roiBox);
    }

    @Override
    public String toString() {
        return "RPN class " + rpnClass + ", RPN box " + rpnBox + ", class " + roiClass + ", box " + roiBox;
    }
}
