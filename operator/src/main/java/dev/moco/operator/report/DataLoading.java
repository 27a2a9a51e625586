package dev.moco.operator.report;

import static dev.moco.operator.api.ConditionType.DATA_LOADER_BOUND;
import static dev.moco.operator.report.Conditions.condition;

import dev.moco.contract.Progress;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.TaskState;
import java.util.List;
import java.util.Optional;

/** Condition that states whether training waits for its data, the usual cause of slow runs. */
final class DataLoading {

    private DataLoading() {}

    /** Condition of the stage that waits longest now; the previous one while none trains. */
    static Condition of(List<StageStatus> stages, StatusInput input) {
        double gate = input.policy().gates().dataWaitShare();
        Optional<StageStatus> slowest = Optional.empty();
        double most = -1;
        for (StageStatus stage : stages) {
            Progress now = input.progress().get(stage.name());
            Double share = now == null || !now.phase().equals(Progress.TRAINING) ? null : now.dataWaitShare();
            if (TaskState.RUNNING.is(stage.state()) && share != null && share > most) {
                slowest = Optional.of(stage);
                most = share;
            }
        }
        if (slowest.isEmpty()) {
            return Conditions.find(input.previous(), DATA_LOADER_BOUND)
                    .orElseGet(() -> condition(DATA_LOADER_BOUND, ConditionStatus.UNKNOWN, "NothingTrains", ""));
        }
        StageStatus stage = slowest.get();
        return most > gate
                ? condition(
                        DATA_LOADER_BOUND,
                        ConditionStatus.TRUE,
                        "WaitsForData",
                        stage.name() + " waits for data " + percent(most)
                                + " of the time, more than gates.dataWaitShare, "
                                + percent(gate) + ": give it more cores (spec.resources." + stage.stage()
                                + ".cpu, then suspend and resume); `moco bench input` measures the loader")
                : condition(DATA_LOADER_BOUND, ConditionStatus.FALSE, "LoaderKeepsUp", "");
    }

    private static String percent(double share) {
        return Math.round(100 * share) + "%";
    }
}
