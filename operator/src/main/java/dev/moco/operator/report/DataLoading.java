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

/** Whether training waits for its data: the usual cause of runs that take twice as long as they should. */
final class DataLoading {
    /** The phase whose waits are those of steps. */
    private static final String TRAINING = "training";

    private DataLoading() {}

    /** Of the stage that waits longest now; what was found last while none trains. */
    static Condition of(List<StageStatus> stages, StatusInput seen) {
        double gate = seen.policy().gates().dataWaitShare();
        Optional<StageStatus> slowest = Optional.empty();
        double most = -1;
        for (StageStatus stage : stages) {
            Progress now = seen.progress().get(stage.name());
            Double share = now == null || !now.phase().equals(TRAINING) ? null : now.dataWaitShare();
            if (TaskState.RUNNING.is(stage.state()) && share != null && share > most) {
                slowest = Optional.of(stage);
                most = share;
            }
        }
        if (slowest.isEmpty()) {
            return Conditions.find(seen.previous(), DATA_LOADER_BOUND)
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
