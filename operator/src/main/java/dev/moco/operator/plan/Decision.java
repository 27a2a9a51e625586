package dev.moco.operator.plan;

import dev.moco.contract.ExitCode;
import java.util.List;
import java.util.Map;

/**
 * State of every task.
 *
 * @param tasks tasks in the order of the data
 * @param exitCode {@link ExitCode#DONE}, or that of the first failure
 */
public record Decision(List<PlannedTask> tasks, int exitCode) {
    public Decision {
        tasks = List.copyOf(tasks);
    }

    /** Tasks that may start now. */
    public List<PlannedTask> ready() {
        return tasks.stream().filter(task -> task.state() == TaskState.READY).toList();
    }

    /** True if nothing is left to do. */
    public boolean finished() {
        return tasks.stream().allMatch(task -> task.state().terminal());
    }

    public boolean succeeded() {
        return tasks.stream().allMatch(task -> task.state() == TaskState.SUCCEEDED);
    }

    /** This decision with another state of the tasks for which a reason is given by name, unless they have ended. */
    public Decision with(TaskState state, Map<String, String> reasons) {
        return new Decision(
                tasks.stream()
                        .map(task -> {
                            String reason = reasons.get(task.task().name());
                            return reason == null || task.state().terminal() ? task : task.withState(state, reason);
                        })
                        .toList(),
                exitCode);
    }
}
