package dev.moco.operator.report;

import dev.moco.contract.Progress;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.ConditionType;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.plan.Policy;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an operator knows of an experiment beside the decision.
 *
 * @param generation of the spec
 * @param policy how it is run
 * @param previous status written last; null on a new resource
 * @param runs what the cluster shows of tasks, by name
 * @param progress of running tasks, by name
 * @param fingerprints of raw data, by the task that prepares it
 * @param storageSeen whether the store has answered yet
 * @param storageProblem why the store cannot be reached, while it cannot
 * @param reportUri where the report lies, once the experiment has ended
 * @param now time
 */
public record StatusInput(
        long generation,
        Policy policy,
        @Nullable MoCoExperimentStatus previous,
        Map<String, TaskRun> runs,
        Map<String, Progress> progress,
        Map<String, String> fingerprints,
        boolean storageSeen,
        Optional<String> storageProblem,
        Optional<String> reportUri,
        Instant now) {
    public StatusInput {
        // Who has just started has not asked the store yet: until then the answer that was written last stands, or
        // every
        // start would write all statuses twice.
        if (!storageSeen && storageProblem.isEmpty()) {
            Optional<Condition> last = Conditions.find(previous, ConditionType.STORAGE_REACHABLE);
            storageSeen =
                    last.filter(is -> is.status().equals(ConditionStatus.TRUE)).isPresent();
            storageProblem =
                    last.filter(is -> is.status().equals(ConditionStatus.FALSE)).map(Condition::message);
        }
        runs = Map.copyOf(runs);
        progress = Map.copyOf(progress);
        fingerprints = Map.copyOf(fingerprints);
    }

    TaskRun run(String task) {
        return runs.getOrDefault(task, TaskRun.NONE);
    }

    Optional<MoCoExperimentStatus> before() {
        return Optional.ofNullable(previous);
    }
}
