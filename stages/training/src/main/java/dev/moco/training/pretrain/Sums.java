package dev.moco.training.pretrain;

import dev.moco.training.pretrain.MomentumContrast.Figures;

/**
 * Figures summed over steps.
 *
 * @param steps steps summed
 * @param loss sum of losses
 * @param top1 sum of percentages
 * @param top5 sum of percentages
 */
record Sums(long steps, double loss, double top1, double top5) {
    static final Sums NONE = new Sums(0, 0, 0, 0);

    Sums plus(Figures figures) {
        return new Sums(steps + 1, loss + figures.loss(), top1 + figures.top1(), top5 + figures.top5());
    }

    /** Means; of no steps, zeros. */
    Figures mean() {
        long count = Math.max(1, steps);
        return new Figures(loss / count, top1 / count, top5 / count);
    }
}
