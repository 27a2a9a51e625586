package dev.moco.operator.report;

import static dev.moco.operator.plan.TaskState.FAILED;
import static dev.moco.operator.plan.TaskState.STOPPING;
import static dev.moco.operator.plan.TaskState.SUCCEEDED;

import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.TaskState;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * State of an experiment, derived from those of its tasks, with the reason that its conditions give.
 *
 * @param state state
 * @param reason reason, as one CamelCase word
 * @param message reason, for a person
 */
record Outcome(ExperimentState state, String reason, String message) {
    static final String CANCELED = "Canceled";
    static final String INVALID_SPEC = "InvalidSpec";
    static final String IN_PROGRESS = "InProgress";
    private static final int MESSAGE_BYTES = 300;

    Outcome {
        message = StatusText.of(message, MESSAGE_BYTES);
    }

    /**
     * Outcome once every query of the store is answered. An experiment is not canceled before its pods have ended.
     *
     * @param suspended true if it is to stop and no pod of it runs
     */
    static Outcome of(List<StageStatus> stages, boolean canceled, boolean suspended, Optional<String> storageProblem) {
        if (stages.stream().allMatch(stage -> SUCCEEDED.is(stage.state()))) {
            return new Outcome(ExperimentState.SUCCEEDED, "Succeeded", "every stage is committed");
        } else if (canceled && stages.stream().noneMatch(stage -> STOPPING.is(stage.state()))) {
            return new Outcome(ExperimentState.CANCELED, CANCELED, "spec.cancel is set");
        } else if (stages.stream().allMatch(stage -> SUCCEEDED.is(stage.state()) || FAILED.is(stage.state()))) {
            return new Outcome(
                    ExperimentState.FAILED,
                    "StageFailed",
                    stages.stream()
                            .filter(stage -> FAILED.is(stage.state()))
                            .findFirst()
                            .map(stage -> stage.name() + ": " + stage.reason())
                            .orElse(""));
        }
        return unended(stages, suspended, storageProblem);
    }

    /** Outcome while queries of the store are unanswered, so that states of stages may be outdated. */
    static Outcome unended(List<StageStatus> stages, boolean suspended, Optional<String> storageProblem) {
        if (storageProblem.isPresent()) {
            return new Outcome(ExperimentState.STALLED, "StorageUnreachable", storageProblem.get());
        } else if (suspended) {
            return new Outcome(
                    ExperimentState.SUSPENDED,
                    "Suspended",
                    "spec.suspend is set; stages continue from their checkpoints afterwards");
        }
        return new Outcome(
                ExperimentState.RUNNING,
                IN_PROGRESS,
                stages.stream()
                        .filter(stage -> !TaskState.isTerminal(stage.state()))
                        .map(StageStatus::name)
                        .collect(Collectors.joining(", ")));
    }

    /** Outcome of a spec that cannot be run. */
    static Outcome invalid(String problem) {
        return new Outcome(ExperimentState.STALLED, INVALID_SPEC, problem);
    }

    boolean succeeded() {
        return state == ExperimentState.SUCCEEDED;
    }

    boolean ended() {
        return state.ended();
    }

    boolean running() {
        return state == ExperimentState.RUNNING;
    }

    /** True if a user has to act. */
    boolean stalled() {
        return switch (state) {
            case FAILED, CANCELED, STALLED -> true;
            case NEW, RUNNING, SUSPENDED, SUCCEEDED -> false;
        };
    }
}
