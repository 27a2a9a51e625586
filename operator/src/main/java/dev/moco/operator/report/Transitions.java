package dev.moco.operator.report;

import static dev.moco.operator.report.Transition.normal;
import static dev.moco.operator.report.Transition.warning;

import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What happened between two statuses. */
public final class Transitions {
    private final @Nullable MoCoExperimentStatus previous;
    private final MoCoExperimentStatus next;
    private final List<Transition> found = new ArrayList<>();

    private Transitions(@Nullable MoCoExperimentStatus previous, MoCoExperimentStatus next) {
        this.previous = previous;
        this.next = next;
    }

    /** Stages in the order of the data, then the experiment; empty if only figures moved. */
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
            found.add(normal("RetryRequested", "", "spec.retryToken changed: failed stages have another chance"));
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
        if (StageState.RUNNING.of(now) && before.filter(StageState.RUNNING::of).isEmpty()) {
            Long checkpoint = now.checkpointStep();
            found.add(normal(
                    "StageStarted",
                    now.name(),
                    now.name()
                            + (now.pod() == null ? ": " + now.reason() : " runs in pod " + now.pod())
                            + (checkpoint == null ? "" : ", from the checkpoint of step " + checkpoint)));
        } else if (StageState.SUCCEEDED.of(now)
                && before.filter(StageState.SUCCEEDED::of).isEmpty()) {
            found.add(
                    normal("StageSucceeded", now.name(), now.name() + " " + now.reason() + ", digest " + now.digest()));
        } else if (StageState.FAILED.of(now)
                && now.key() != null
                && before.filter(StageState.FAILED::of).isEmpty()) {
            // Those that only needed it have no key, and no event of their own.
            found.add(warning("StageFailed", now.name(), now.name() + ": " + now.reason()));
        } else if (waits(now) && before.filter(Transitions::waits).isEmpty()) {
            found.add(warning("StageWaiting", now.name(), now.name() + ": " + now.reason()));
        }
    }

    /** Whether it waits for something that somebody may have to mend. */
    static boolean waits(StageStatus stage) {
        return StageState.PENDING.of(stage) && !stage.reason().equals(TaskRun.STARTING);
    }

    /** Whether it lost a pod and goes on. */
    private boolean restarted(Optional<StageStatus> before, StageStatus now) {
        if (before.isEmpty() || StageState.settled(now)) {
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
                            + " and goes on in another; this costs no retry"));
            return true;
        }
        return false;
    }

    private void held() {
        if (became(Conditions.SUSPENDED, "True")) {
            found.add(normal("Suspended", "", message(Conditions.SUSPENDED)));
        } else if (left(Conditions.SUSPENDED)) {
            found.add(normal("Resumed", "", "spec.suspend is no longer set"));
        }
        if (became(Conditions.STORAGE_REACHABLE, "False")) {
            found.add(warning("StorageUnreachable", "", message(Conditions.STORAGE_REACHABLE)));
        } else if (became(Conditions.STORAGE_REACHABLE, "True") && was(Conditions.STORAGE_REACHABLE, "False")) {
            found.add(normal("StorageRecovered", "", "the store answers again"));
        }
        if (became(Conditions.DATA_LOADER_BOUND, "True")) {
            found.add(warning("DataLoaderBound", "", message(Conditions.DATA_LOADER_BOUND)));
        }
    }

    private void end() {
        Optional<Condition> stalled = Conditions.find(next, Conditions.STALLED);
        boolean invalid = stalled.filter(is -> is.reason().equals(Outcome.Kind.INVALID.reason))
                .isPresent();
        boolean known = Conditions.find(previous, Conditions.STALLED)
                .filter(is -> is.reason().equals(Outcome.Kind.INVALID.reason))
                .isPresent();
        if (invalid && !known) {
            found.add(warning("InvalidSpec", "", message(Conditions.STALLED)));
        }
        if (became(Conditions.SUCCEEDED, "True")) {
            found.add(normal("ExperimentSucceeded", "", "every stage is committed"));
        } else if (became(Conditions.SUCCEEDED, "False")) {
            boolean canceled = stalled.filter(is -> is.reason().equals(Outcome.Kind.CANCELED.reason))
                    .isPresent();
            found.add(
                    canceled
                            ? normal("ExperimentCanceled", "", message(Conditions.STALLED))
                            : warning("ExperimentFailed", "", message(Conditions.STALLED)));
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
