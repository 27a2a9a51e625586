package dev.moco.operator.plan;

import dev.moco.contract.ExitCode;
import dev.moco.operator.plan.PlannedTask.State;
import java.util.List;

/**
 * Where every task stands, and what follows.
 *
 * @param tasks in the order of the data
 * @param exitCode {@link ExitCode#DONE}, or that of the first failure
 */
public record Decision(List<PlannedTask> tasks, int exitCode) {
    public Decision {
        tasks = List.copyOf(tasks);
    }

    /** Tasks that may start now. */
    public List<PlannedTask> ready() {
        return tasks.stream().filter(task -> task.state() == State.READY).toList();
    }

    /** Whether nothing is left to do. */
    public boolean finished() {
        return tasks.stream().allMatch(task -> task.state().terminal());
    }

    public boolean succeeded() {
        return tasks.stream().allMatch(task -> task.state() == State.DONE);
    }
}
