package dev.moco.training.detect.model;

import java.util.Map;

/** Losses of an iteration, means over the ranks; SGD descends on their plain sum. */
public record Losses(double proposalClass, double proposalBox, double regionClass, double regionBox) {
    static Losses of(float[] losses) {
        return new Losses(losses[0], losses[1], losses[2], losses[3]);
    }

    public double total() {
        return proposalClass + proposalBox + regionClass + regionBox;
    }

    public boolean finite() {
        return Double.isFinite(total());
    }

    /** By the names of {@link dev.moco.contract.HistoryPoint}. */
    public Map<String, Double> values() {
        return Map.of(
                "loss", total(),
                "lossRpnClass", proposalClass,
                "lossRpnBox", proposalBox,
                "lossClass", regionClass,
                "lossBox", regionBox);
    }

    @Override
    public String toString() {
        return "RPN class " + proposalClass + ", RPN box " + proposalBox + ", class " + regionClass + ", box "
                + regionBox;
    }
}
