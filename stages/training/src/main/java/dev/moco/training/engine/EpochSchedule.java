package dev.moco.training.engine;

import dev.moco.contract.Optimizer;

/** Learning-rate schedules by epoch (docs/method.md §1.5): constant within an epoch, without warm-up. */
public final class EpochSchedule {
    private static final double STEP_FACTOR = 0.1;

    private EpochSchedule() {}

    /**
     * Returns the learning rate of an epoch.
     *
     * @param epoch 0-based, so that the cosine never reaches 0
     * @param epochs number of epochs
     */
    public static double learningRate(Optimizer optimizer, int epoch, int epochs) {
        return switch (optimizer.schedule()) {
            case COSINE -> optimizer.learningRate() * 0.5 * (1 + Math.cos(Math.PI * epoch / epochs));
            case STEP -> stepped(optimizer, epoch);
            case COSINE_BY_STEP -> throw new IllegalArgumentException("no rate of an epoch, but of each step");
        };
    }

    private static double stepped(Optimizer optimizer, int epoch) {
        double rate = optimizer.learningRate();
        for (int milestone : optimizer.milestones()) {
            rate *= epoch >= milestone ? STEP_FACTOR : 1;
        }
        return rate;
    }
}
