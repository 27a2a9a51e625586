package dev.moco.operator.plan;

import dev.moco.contract.ExitCode;
import java.util.List;
import java.util.Map;

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
        return tasks.stream().filter(task -> task.state() == TaskState.READY).toList();
    }

    /** Whether nothing is left to do. */
    public boolean finished() {
        return tasks.stream().allMatch(task -> task.state().terminal());
    }

    public boolean succeeded() {
        return tasks.stream().allMatch(task -> task.state() == TaskState.SUCCEEDED);
    }

    /** This decision once Jobs are being created: their tasks are pending, for the reasons given by name. */
    public Decision pending(Map<String, String> reasons) {
        return new Decision(
                tasks.stream()
                        .map(task -> {
                            String reason = reasons.get(task.task().name());
                            return reason == null ? task : task.withState(TaskState.PENDING, reason);
                        })
                        .toList(),
                exitCode);
    }
}
