package dev.moco.operator.report;

import dev.moco.contract.LinearConfig;
import dev.moco.contract.PretrainConfig;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row of the paper's tables.
 *
 * @param table table, such as {@code Table 1}
 * @param name row, such as {@code (d)}
 * @param pretrain its pre-training; seed and monitor are not the row's
 * @param top1 ImageNet top-1; null where the table has none
 * @param probe what {@code top1} is the accuracy of
 * @param voc mean AP50, AP and AP75 of five trials, percent; null where the table has none
 */
public record PaperRow(
        String table,
        String name,
        PretrainConfig pretrain,
        @Nullable Published top1,
        Probe probe,
        @Nullable Voc voc) {
    /** Tolerance of AP50, AP and AP75, means of five trials, in points. */
    public static final double VOC_BAND = 0.4;

    /** Trials of detection. */
    public static final int TRIALS = 5;

    /**
     * A published number, with the band that is within the published spread, all in percent.
     *
     * @param value the table's
     * @param low least value within the spread
     * @param high greatest value within the spread
     */
    public record Published(double value, double low, double high) {
        private static final double ROUNDING = 1e-9;

        /** A band of the same width on both sides of the mean of runs, or of the table's value. */
        static Published around(double value, double mean, double band) {
            return new Published(value, mean - band, mean + band);
        }

        /** Compares a number with the spread, with as many decimals as the paper prints. */
        Significance significance(double ours) {
            double printed = Math.round(ours * 10) / 10.0;
            return printed >= low - ROUNDING && printed <= high + ROUNDING ? Significance.WITHIN : Significance.OUTSIDE;
        }
    }

    /** Networks whose accuracy top-1 is. */
    public enum Probe {
        /** A linear classifier as MoCo's. */
        MOCO,
        /** A linear classifier as SimCLR's. */
        SIMCLR,
        /** The network's own classes, on the validation images. */
        OWN_CLASSES
    }

    /**
     * Detection metrics: AP50, AP, AP75.
     *
     * @param otherWeights weights that the paper's are of, if they are not the row's own; else empty
     */
    public record Voc(double ap50, double ap, double ap75, String otherWeights) {
        Voc(double ap50, double ap, double ap75) {
            this(ap50, ap, ap75, "");
        }
    }

    /** Configuration of the linear classifier; empty where the network's own classes are measured. */
    Optional<LinearConfig> linear() {
        return switch (probe) {
            case MOCO -> Optional.of(PaperConfigs.linear());
            case SIMCLR -> Optional.of(PaperConfigs.simClrLinear());
            case OWN_CLASSES -> Optional.empty();
        };
    }

    /** The row's detection metrics, if weights of our own may be compared with them. */
    Optional<Voc> comparableVoc() {
        return Optional.ofNullable(voc).filter(metrics -> metrics.otherWeights().isEmpty());
    }

    /** For a sentence: {@code row (d) of Table 1}. */
    String text() {
        return "row " + name + " of " + table;
    }
}
