package dev.moco.contract;

/**
 * Division of a pre-training step's threads among its ranks. The rounding of sums depends on the threads of an
 * operation, but not on the number of ranks that run at the same time.
 *
 * @param ranks ranks that run at the same time
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
        long tape =
                Activations.ofEncoder(config.architecture(), config.imageSize(), config.imageSize(), config.precision())
                                .tape()
                        * (config.batchSize() / config.ranks())
                        * config.precision().bytes();
        int atOnce = (int) Math.max(1, Math.min(TAPES / Math.max(1, tape), Math.min(config.ranks(), threads)));
        return new StepThreads(atOnce, Math.max(1, threads / atOnce));
    }
}
