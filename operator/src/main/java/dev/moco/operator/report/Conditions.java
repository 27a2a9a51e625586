package dev.moco.operator.report;

import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The conditions of a status: kstatus' three, and what people wait for or are warned by. */
final class Conditions {
    static final String READY = "Ready";
    static final String RECONCILING = "Reconciling";
    static final String STALLED = "Stalled";
    static final String SUCCEEDED = "Succeeded";
    static final String REPRODUCED = "Reproduced";
    static final String SUSPENDED = "Suspended";
    static final String STORAGE_REACHABLE = "StorageReachable";
    static final String DATA_LOADER_BOUND = "DataLoaderBound";

    private static final int MESSAGE_BYTES = 300;

    private Conditions() {}

    /** Those that follow from the outcome. */
    static List<Condition> of(Outcome outcome) {
        String reason = outcome.kind().reason;
        List<Condition> conditions = new ArrayList<>();
        conditions.add(condition(READY, outcome.succeeded() ? "True" : "False", reason, outcome.why()));
        conditions.add(
                outcome.works()
                        ? condition(RECONCILING, "True", reason, outcome.why())
                        : condition(RECONCILING, "False", outcome.ended() ? "Ended" : reason, ""));
        conditions.add(
                outcome.stalled()
                        ? condition(STALLED, "True", reason, outcome.why())
                        : condition(STALLED, "False", "NoFailure", ""));
        conditions.add(condition(
                SUCCEEDED,
                outcome.succeeded() ? "True" : outcome.ended() ? "False" : "Unknown",
                outcome.ended() ? reason : Outcome.Kind.WORKS.reason,
                outcome.ended() && !outcome.succeeded() ? outcome.why() : ""));
        return conditions;
    }

    static Condition suspended(boolean suspended) {
        return suspended
                ? condition(SUSPENDED, "True", "SpecSuspend", "spec.suspend is set")
                : condition(SUSPENDED, "False", "NotSuspended", "");
    }

    static Condition storage(Optional<String> problem, boolean seen) {
        return problem.map(why -> condition(STORAGE_REACHABLE, "False", "Unreachable", why))
                .orElseGet(() -> seen
                        ? condition(STORAGE_REACHABLE, "True", "Reachable", "")
                        : condition(STORAGE_REACHABLE, "Unknown", "NotAskedYet", ""));
    }

    static Condition condition(String type, String status, String reason, String message) {
        return new Condition(type, status, reason, StatusText.cut(message, MESSAGE_BYTES), null, null);
    }

    static Optional<Condition> find(@Nullable MoCoExperimentStatus status, String type) {
        return status == null
                ? Optional.empty()
                : status.conditions().stream()
                        .filter(is -> is.type().equals(type))
                        .findFirst();
    }

    static boolean isTrue(@Nullable MoCoExperimentStatus status, String type) {
        return find(status, type).filter(is -> is.status().equals("True")).isPresent();
    }

    /** With the time of their last transition: the previous one where the status has not changed. */
    static List<Condition> dated(
            List<Condition> conditions, @Nullable MoCoExperimentStatus previous, long generation, Instant now) {
        return conditions.stream()
                .map(is -> {
                    @Nullable
                    String since = find(previous, is.type())
                            .filter(was -> was.status().equals(is.status()))
                            .map(Condition::lastTransitionTime)
                            .orElse(null);
                    return new Condition(
                            is.type(),
                            is.status(),
                            is.reason(),
                            is.message(),
                            since == null ? StageReport.time(now) : since,
                            generation);
                })
                .toList();
    }
}
