package dev.moco.contract;

/**
 * Division of a pre-training step's threads among its ranks, or the groups of images that a method computes at a time. The
 * rounding of sums depends on the threads of an operation, but not on the number of ranks that run at the same time.
 *
 * @param ranks ranks or groups that run at the same time
 * @param withinOperation threads of one operation of a rank
 */
public record StepThreads(int ranks, int withinOperation) {
    /** Memory limit for the tapes of ranks that run at the same time. */
    private static final long TAPES = 256L << 20;

    /**
     * Divides the threads. With small feature maps, ranks run at the same time with one thread each, since an operation
     * is too short to be shared among threads. With large ones, ranks run one after another with all threads on each
     * operation, since each running rank has its own tape in memory.
     */
    public static StepThreads of(PretrainConfig config, int threads) {
        if (config.method() instanceof PretrainMethod.SimClr) {
            // A layer of all ranks is computed before the next.
            return new StepThreads(1, threads);
        }
        int images = Math.max(1, config.method().imagesAtOnce(config.batchSize() / config.ranks()));
        long tape =
                Activations.ofEncoder(config.architecture(), config.imageSize(), config.imageSize(), config.precision())
                                .tape()
                        * images
                        * config.precision().bytes();
        int atOnce =
                (int) Math.max(1, Math.min(TAPES / Math.max(1, tape), Math.min(config.batchSize() / images, threads)));
        return new StepThreads(atOnce, Math.max(1, threads / atOnce));
    }
}
