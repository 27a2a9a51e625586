package dev.moco.operator.report;

import static dev.moco.operator.report.Transition.normal;
import static dev.moco.operator.report.Transition.warning;

import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.ConditionType;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.plan.Attempts;
import dev.moco.operator.plan.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Transitions between two statuses. */
public final class Transitions {
    private final @Nullable MoCoExperimentStatus previous;
    private final MoCoExperimentStatus next;
    private final List<Transition> found = new ArrayList<>();

    private Transitions(@Nullable MoCoExperimentStatus previous, MoCoExperimentStatus next) {
        this.previous = previous;
        this.next = next;
    }

    /** Stages in the order of the data, then the experiment; empty if only progress changed. */
    public static List<Transition> between(@Nullable MoCoExperimentStatus previous, MoCoExperimentStatus next) {
        Transitions transitions = new Transitions(previous, next);
        transitions.retry();
        next.stages().forEach(transitions::stage);
        transitions.held();
        transitions.end();
        return List.copyOf(transitions.found);
    }

    private void retry() {
        if (previous != null && !Objects.equals(previous.retryToken(), next.retryToken())) {
            found.add(normal("RetryRequested", "", "spec.retryToken changed: failed stages are retried"));
        }
    }

    private void stage(StageStatus now) {
        Optional<StageStatus> before = Optional.ofNullable(previous).stream()
                .flatMap(status -> status.stages().stream())
                .filter(stage -> stage.name().equals(now.name()))
                .findFirst();
        if (restarted(before, now)) {
            return;
        }
        if (TaskState.RUNNING.is(now.state()) && !was(before, TaskState.RUNNING)) {
            Long checkpoint = now.checkpointStep();
            found.add(normal(
                    "StageStarted",
                    now.name(),
                    now.name()
                            + (now.pod() == null ? ": " + now.reason() : " runs in pod " + now.pod())
                            + (checkpoint == null ? "" : ", from the checkpoint of step " + checkpoint)));
        } else if (TaskState.SUCCEEDED.is(now.state()) && !was(before, TaskState.SUCCEEDED)) {
            found.add(
                    normal("StageSucceeded", now.name(), now.name() + " " + now.reason() + ", digest " + now.digest()));
        } else if (TaskState.FAILED.is(now.state()) && now.key() != null && !was(before, TaskState.FAILED)) {
            // Stages that only depend on it have no key, and no event of their own.
            found.add(warning("StageFailed", now.name(), now.name() + ": " + now.reason()));
        } else if (waits(now) && before.filter(Transitions::waits).isEmpty()) {
            found.add(warning("StageWaiting", now.name(), now.name() + ": " + now.reason()));
        }
    }

    /** True if it waits for a problem that a user may have to fix. */
    static boolean waits(StageStatus stage) {
        return TaskState.PENDING.is(stage.state()) && !stage.reason().equals(Attempts.STARTING);
    }

    private static boolean was(Optional<StageStatus> before, TaskState state) {
        return before.filter(stage -> state.is(stage.state())).isPresent();
    }

    /** Adds a restart if the stage lost a pod and continues in another. */
    private boolean restarted(Optional<StageStatus> before, StageStatus now) {
        if (before.isEmpty() || TaskState.isTerminal(now.state())) {
            return false;
        }
        StageStatus was = before.get();
        if (now.userFailures() > was.userFailures()) {
            found.add(warning(
                    "StageRestarted",
                    now.name(),
                    now.name() + " has failed " + now.userFailures()
                            + (now.userFailures() == 1 ? " time; " : " times; ") + now.reason()));
            return true;
        } else if (now.infraFailures() > was.infraFailures()) {
            found.add(normal(
                    "StageRestarted",
                    now.name(),
                    now.name() + (was.pod() == null ? " lost a pod" : " lost pod " + was.pod())
                            + " and continues in another; this costs no retry"));
            return true;
        }
        return false;
    }

    private void held() {
        if (became(ConditionType.SUSPENDED, ConditionStatus.TRUE)) {
            found.add(normal("Suspended", "", message(ConditionType.SUSPENDED)));
        } else if (left(ConditionType.SUSPENDED)) {
            found.add(normal("Resumed", "", "spec.suspend is no longer set"));
        }
        if (became(ConditionType.STORAGE_REACHABLE, ConditionStatus.FALSE)) {
            found.add(warning("StorageUnreachable", "", message(ConditionType.STORAGE_REACHABLE)));
        } else if (became(ConditionType.STORAGE_REACHABLE, ConditionStatus.TRUE)
                && was(ConditionType.STORAGE_REACHABLE, ConditionStatus.FALSE)) {
            found.add(normal("StorageRecovered", "", "the store answers again"));
        }
        if (became(ConditionType.DATA_LOADER_BOUND, ConditionStatus.TRUE)) {
            found.add(warning("DataLoaderBound", "", message(ConditionType.DATA_LOADER_BOUND)));
        }
    }

    private void end() {
        Optional<Condition> stalled = Conditions.find(next, ConditionType.STALLED);
        boolean invalid =
                stalled.filter(is -> is.reason().equals(Outcome.INVALID_SPEC)).isPresent();
        boolean known = Conditions.find(previous, ConditionType.STALLED)
                .filter(is -> is.reason().equals(Outcome.INVALID_SPEC))
                .isPresent();
        if (invalid && !known) {
            found.add(warning("InvalidSpec", "", message(ConditionType.STALLED)));
        }
        if (became(ConditionType.SUCCEEDED, ConditionStatus.TRUE)) {
            found.add(normal("ExperimentSucceeded", "", "every stage is committed"));
        } else if (became(ConditionType.SUCCEEDED, ConditionStatus.FALSE)) {
            boolean canceled =
                    stalled.filter(is -> is.reason().equals(Outcome.CANCELED)).isPresent();
            found.add(
                    canceled
                            ? normal("ExperimentCanceled", "", message(ConditionType.STALLED))
                            : warning("ExperimentFailed", "", message(ConditionType.STALLED)));
        }
    }

    private boolean was(String type, String status) {
        return Conditions.find(previous, type)
                .filter(is -> is.status().equals(status))
                .isPresent();
    }

    private boolean became(String type, String status) {
        return Conditions.find(next, type)
                        .filter(is -> is.status().equals(status))
                        .isPresent()
                && !was(type, status);
    }

    private boolean left(String type) {
        return Conditions.isTrue(previous, type) && !Conditions.isTrue(next, type);
    }

    private String message(String type) {
        return Conditions.find(next, type).map(Condition::message).orElse("");
    }
}
