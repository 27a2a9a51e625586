package dev.moco.contract;

/**
 * Threads of a step of pre-training. Sums depend on the threads within an operation, never on the number of ranks that run at
 * once.
 *
 * @param ranks number of ranks that run at once
 * @param withinOperation number of threads within one operation of a rank
 */
public record StepThreads(int ranks, int withinOperation) {
    /** Bytes that the tapes of all ranks that run at once may take; with smaller maps, threads within an operation gain little. */
    private static final long TAPES = 256L << 20;

    /**
     * One thread for each rank where the maps are small, since operations on them are too short to share. One rank after
     * another, with all threads in each operation, where the maps are large, since every running rank has a tape of its own.
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
