package dev.moco.contract;

import java.util.List;

/**
 * SGD as in torch.optim.SGD without Nesterov momentum and dampening, and its learning rate by epoch.
 *
 * @param learningRate learning rate of epoch 0
 * @param momentum momentum factor
 * @param weightDecay L2 penalty of all trained parameters
 * @param schedule schedule of the learning rate
 * @param milestones epochs at which {@link Schedule#STEP} multiplies the rate by 0.1; empty for cosine
 */
public record Optimizer(
        double learningRate, double momentum, double weightDecay, Schedule schedule, List<Integer> milestones) {
    /** Optimizer in a configuration that is compared for the work of its steps only. */
    static final Optimizer UNSET = new Optimizer(0, 0, 0, Schedule.COSINE, List.of());

    public Optimizer {
        milestones = List.copyOf(milestones);
    }

    /** Learning-rate schedules; constant within an epoch, no warm-up (docs/method.md §1.5). */
    public enum Schedule {
        COSINE,
        STEP
    }
}
