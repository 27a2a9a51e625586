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
 * Observations of an operator that a status needs beside the decision.
 *
 * @param generation generation of the spec
 * @param policy policy of the spec
 * @param previous last written status; null on a new resource
 * @param runs Jobs and pods of tasks, by name
 * @param progress progress of running tasks, by name
 * @param fingerprints fingerprints of raw data, by the task that prepares it
 * @param storageQueried true once the store has answered
 * @param storageProblem reason why the store cannot be reached; empty if it can
 * @param reportUri place of the report, once the experiment has ended
 * @param now time
 */
public record StatusInput(
        long generation,
        Policy policy,
        @Nullable MoCoExperimentStatus previous,
        Map<String, TaskRun> runs,
        Map<String, Progress> progress,
        Map<String, String> fingerprints,
        boolean storageQueried,
        Optional<String> storageProblem,
        Optional<String> reportUri,
        Instant now) {
    public StatusInput {
        // An operator that has just started has not queried the store yet. It keeps the last written answer,
        // or every start would write all statuses twice.
        if (!storageQueried && storageProblem.isEmpty()) {
            Optional<Condition> last = Conditions.find(previous, ConditionType.STORAGE_REACHABLE);
            storageQueried =
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
