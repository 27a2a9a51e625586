package dev.moco.training.engine;

/**
 * How a step shares its threads. Its sums depend on the threads within an operation, never on the number of ranks that
 * run at once.
 *
 * @param ranks that run at once
 * @param withinOperation threads of one operation of a rank
 */
public record StepThreads(int ranks, int withinOperation) {
    public static StepThreads of(int ranks, int threads) {
        int atOnce = Math.min(ranks, threads);
        return new StepThreads(atOnce, Math.max(1, threads / atOnce));
    }
}
