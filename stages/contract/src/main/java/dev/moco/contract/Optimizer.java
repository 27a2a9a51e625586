package dev.moco.contract;

import java.util.List;

/**
 * An optimizer and its learning rate.
 *
 * @param learningRate learning rate of epoch 0, or after the warm-up
 * @param momentum momentum factor
 * @param weightDecay L2 penalty of the trained parameters
 * @param schedule schedule of the learning rate
 * @param milestones epochs at which {@link Schedule#STEP} multiplies the rate by 0.1; empty for cosine
 * @param algorithm rule of a step
 * @param warmupEpochs epochs of {@link Schedule#COSINE_BY_STEP} in which the rate rises from 0
 */
public record Optimizer(
        double learningRate,
        double momentum,
        double weightDecay,
        Schedule schedule,
        List<Integer> milestones,
        @AddedLater(neutral = "\"SGD\"") Algorithm algorithm,
        @AddedLater(neutral = "0") int warmupEpochs) {
    /** Optimizer in a configuration that is compared for the work of its steps only. */
    static final Optimizer UNSET = new Optimizer(0, 0, 0, Schedule.COSINE, List.of());

    public Optimizer {
        milestones = List.copyOf(milestones);
    }

    /** SGD without warm-up. */
    public Optimizer(
            double learningRate, double momentum, double weightDecay, Schedule schedule, List<Integer> milestones) {
        this(learningRate, momentum, weightDecay, schedule, milestones, Algorithm.SGD, 0);
    }

    /** Number of milestones at which the rate has fallen in an epoch, from 0. */
    long milestonesUpTo(int epoch) {
        return milestones.stream().filter(milestone -> milestone <= epoch).count();
    }

    Optimizer withoutMilestones() {
        return new Optimizer(learningRate, momentum, weightDecay, schedule, List.of(), algorithm, warmupEpochs);
    }

    /** Learning-rate schedules (docs/method.md §1.5). */
    public enum Schedule {
        /** Half a cosine, constant within an epoch. */
        COSINE,
        /** Steps down at milestones. */
        STEP,
        /** Half a cosine that falls with every step, after a warm-up. */
        COSINE_BY_STEP
    }

    /** Rules of a step. */
    public enum Algorithm {
        /** As torch.optim.SGD, without dampening and Nesterov momentum. */
        SGD,
        /** As torch.optim.SGD with Nesterov momentum. */
        NESTEROV,
        /** SGD with a trust ratio for each layer, as SimCLR's code has it. */
        LARS
    }
}
