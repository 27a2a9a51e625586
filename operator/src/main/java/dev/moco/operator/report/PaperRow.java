package dev.moco.operator.report;

import dev.moco.contract.PretrainConfig;
import org.jspecify.annotations.Nullable;

/**
 * A row of the paper's tables.
 *
 * @param table table, such as {@code Table 1}
 * @param name row, such as {@code (d)}
 * @param pretrain its pre-training; seed and monitor are not the row's
 * @param top1 ImageNet linear top-1, percent
 * @param top1Band greatest difference still within the published spread
 * @param voc mean AP50, AP and AP75 of five trials, percent; null where the table has none
 */
public record PaperRow(
        String table,
        String name,
        PretrainConfig pretrain,
        double top1,
        double top1Band,
        @Nullable Voc voc) {
    /** Tolerance of AP50, AP and AP75, means of five trials, in points. */
    public static final double VOC_BAND = 0.4;

    /** Detection metrics: AP50, AP, AP75. */
    public record Voc(double ap50, double ap, double ap75) {}
}
