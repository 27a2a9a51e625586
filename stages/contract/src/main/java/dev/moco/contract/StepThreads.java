package dev.moco.contract;

/**
 * How a step of pre-training shares its threads. Its sums depend on the threads within an operation, never on the number
 * of ranks that run at once.
 *
 * @param ranks that run at once
 * @param withinOperation threads of one operation of a rank
 */
public record StepThreads(int ranks, int withinOperation) {
    /** What the tapes of ranks that run at once may take: threads within an operation gain little on smaller maps. */
    private static final long TAPES = 256L << 20;

    /**
     * A thread a rank where the maps are small, as operations on them are too short to share; one rank after another,
     * with all threads on each operation, where they are large, as every rank at work has a tape of its own.
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
