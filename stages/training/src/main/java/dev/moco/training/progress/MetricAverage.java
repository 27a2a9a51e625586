package dev.moco.training.progress;

/**
 * Metrics summed over batches, each weighing as much as it has images, as the reference's average meter does.
 *
 * @param weight images summed
 * @param loss sum of losses
 * @param top1 sum of percentages
 * @param top5 sum of percentages
 */
public record MetricAverage(double weight, double loss, double top1, double top5) {
    public static final MetricAverage NONE = new MetricAverage(0, 0, 0, 0);

    /** Adds the means of {@code images} images. */
    public MetricAverage plus(Metrics metrics, int images) {
        return new MetricAverage(
                weight + images,
                loss + images * metrics.loss(),
                top1 + images * metrics.top1(),
                top5 + images * metrics.top5());
    }

    /** Means; of no images, zeros. */
    public Metrics mean() {
        double images = Math.max(1, weight);
        return new Metrics(loss / images, top1 / images, top5 / images);
    }
}
