package dev.moco.training.progress;

/**
 * Figures summed over batches, each weighing as much as it has images, as the reference's average meter does.
 *
 * @param weight images summed
 * @param loss sum of losses
 * @param top1 sum of percentages
 * @param top5 sum of percentages
 */
public record FigureSums(double weight, double loss, double top1, double top5) {
    public static final FigureSums NONE = new FigureSums(0, 0, 0, 0);

    /** Adds the means of {@code images} images. */
    public FigureSums plus(Figures figures, int images) {
        return new FigureSums(
                weight + images,
                loss + images * figures.loss(),
                top1 + images * figures.top1(),
                top5 + images * figures.top5());
    }

    /** Means; of no images, zeros. */
    public Figures mean() {
        double images = Math.max(1, weight);
        return new Figures(loss / images, top1 / images, top5 / images);
    }
}
