package dev.moco.operator.report;

import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.ConditionType;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes and finds the conditions of a status. */
final class Conditions {
    private static final int MESSAGE_BYTES = 300;

    private Conditions() {}

    /** Conditions that follow from the outcome. */
    static List<Condition> of(Outcome outcome) {
        String reason = outcome.reason();
        List<Condition> conditions = new ArrayList<>();
        conditions.add(condition(
                ConditionType.READY,
                outcome.succeeded() ? ConditionStatus.TRUE : ConditionStatus.FALSE,
                reason,
                outcome.message()));
        conditions.add(
                outcome.running()
                        ? condition(ConditionType.RECONCILING, ConditionStatus.TRUE, reason, outcome.message())
                        : condition(
                                ConditionType.RECONCILING,
                                ConditionStatus.FALSE,
                                outcome.ended() ? "Ended" : reason,
                                ""));
        conditions.add(
                outcome.stalled()
                        ? condition(ConditionType.STALLED, ConditionStatus.TRUE, reason, outcome.message())
                        : condition(ConditionType.STALLED, ConditionStatus.FALSE, "NoFailure", ""));
        conditions.add(condition(
                ConditionType.SUCCEEDED,
                outcome.succeeded()
                        ? ConditionStatus.TRUE
                        : outcome.ended() ? ConditionStatus.FALSE : ConditionStatus.UNKNOWN,
                outcome.ended() ? reason : Outcome.IN_PROGRESS,
                outcome.ended() && !outcome.succeeded() ? outcome.message() : ""));
        return conditions;
    }

    /** Condition of an experiment that is to stop ({@code wanted}), and whose pods have ended ({@code reached}). */
    static Condition suspended(boolean wanted, boolean reached) {
        if (wanted && !reached) {
            String message = "spec.suspend is set; pods save a checkpoint first";
            return condition(ConditionType.SUSPENDED, ConditionStatus.FALSE, "Stopping", message);
        }
        return wanted
                ? condition(ConditionType.SUSPENDED, ConditionStatus.TRUE, "SpecSuspend", "spec.suspend is set")
                : condition(ConditionType.SUSPENDED, ConditionStatus.FALSE, "NotSuspended", "");
    }

    static Condition storage(Optional<String> problem, boolean answered) {
        return problem.map(why -> condition(ConditionType.STORAGE_REACHABLE, ConditionStatus.FALSE, "Unreachable", why))
                .orElseGet(() -> answered
                        ? condition(ConditionType.STORAGE_REACHABLE, ConditionStatus.TRUE, "Reachable", "")
                        : condition(ConditionType.STORAGE_REACHABLE, ConditionStatus.UNKNOWN, "NotAskedYet", ""));
    }

    static Condition condition(String type, String status, String reason, String message) {
        return new Condition(type, status, reason, StatusText.of(message, MESSAGE_BYTES), null, null);
    }

    static Optional<Condition> find(@Nullable MoCoExperimentStatus status, String type) {
        return status == null ? Optional.empty() : find(status.conditions(), type);
    }

    static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions.stream().filter(is -> is.type().equals(type)).findFirst();
    }

    static boolean isTrue(@Nullable MoCoExperimentStatus status, String type) {
        return status != null && isTrue(status.conditions(), type);
    }

    static boolean isTrue(List<Condition> conditions, String type) {
        return find(conditions, type)
                .filter(is -> is.status().equals(ConditionStatus.TRUE))
                .isPresent();
    }

    /** Adds the time of the last transition: the previous one where the status of the condition has not changed. */
    static List<Condition> dated(
            List<Condition> conditions, @Nullable MoCoExperimentStatus previous, long generation, Instant now) {
        return conditions.stream()
                .map(is -> {
                    @Nullable
                    String since = find(previous, is.type())
                            .filter(was -> was.status().equals(is.status()))
                            .map(Condition::lastTransitionTime)
                            .orElse(null);
                    return is.dated(since == null ? StageReport.time(now) : since, generation);
                })
                .toList();
    }
}
