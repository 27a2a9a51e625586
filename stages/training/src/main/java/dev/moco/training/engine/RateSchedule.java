package dev.moco.training.engine;

import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;

/** Learning rate of each step, by the optimizer's schedule (docs/method.md §1.5). */
@FunctionalInterface
public interface RateSchedule {
    /**
     * Returns the learning rate of a step.
     *
     * @param epoch the step's epoch, from 0
     * @param step number of the step in the run, from 0
     */
    double rate(int epoch, long step);

    /**
     * Schedule of a run.
     *
     * @param images images of the data
     * @param stepsPerEpoch steps of the run in an epoch, by which it may end after the steps of {@link WarmupCosine}, if it
     *     drops no image; the rate then reaches 0 later
     */
    static RateSchedule of(Optimizer optimizer, int epochs, long images, int batchSize, int stepsPerEpoch) {
        if (optimizer.schedule() != Schedule.COSINE_BY_STEP) {
            return (epoch, step) -> EpochSchedule.learningRate(optimizer, epoch, epochs);
        }
        WarmupCosine counted =
                WarmupCosine.of(optimizer.learningRate(), images, batchSize, epochs, optimizer.warmupEpochs());
        WarmupCosine cosine = new WarmupCosine(
                counted.peak(), counted.warmupSteps(), Math.max(counted.totalSteps(), (long) epochs * stepsPerEpoch));
        return (epoch, step) -> cosine.learningRate(step);
    }
}
