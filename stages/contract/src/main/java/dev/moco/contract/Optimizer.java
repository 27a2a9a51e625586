package dev.moco.contract;

import java.util.List;

/**
 * SGD as torch.optim.SGD without Nesterov or dampening, and its learning rate by epoch.
 *
 * @param learningRate rate of epoch 0
 * @param momentum factor of the velocity
 * @param weightDecay L2 penalty on every trained parameter
 * @param schedule how the rate falls
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
