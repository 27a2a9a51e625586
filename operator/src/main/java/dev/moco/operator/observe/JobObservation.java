package dev.moco.operator.observe;

import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.TaskRun;
import java.util.Map;
import java.util.Set;

/**
 * Attempts at each task, derived from Jobs, pods and the last written status.
 *
 * @param attempts by task, for {@link dev.moco.operator.plan.Plan#decide}
 * @param runs by task, for the status
 */
public record JobObservation(Map<String, Attempts> attempts, Map<String, TaskRun> runs) {
    public JobObservation {
        attempts = Map.copyOf(attempts);
        runs = Map.copyOf(runs);
    }

    /**
     * Observes every task whose key is known.
     *
     * @param keyed every task, decided without attempts
     * @param unqueried keys whose Jobs have changed since the store was last queried for them
     */
    public static JobObservation of(ReconcileInput input, Decision keyed, Set<String> unqueried) {
        JobObserver observer = new JobObserver(input, unqueried);
        keyed.tasks().stream().filter(task -> task.key().isPresent()).forEach(observer::observe);
        return observer.observation();
    }
}
