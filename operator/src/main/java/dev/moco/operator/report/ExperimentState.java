package dev.moco.operator.report;

import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.ConditionType;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import java.util.List;
import java.util.Optional;

/** State of an experiment as a whole; the status expresses it by its conditions. */
public enum ExperimentState {
    /** No operator has reported on it yet. */
    NEW("New"),
    RUNNING("Running"),
    /** Stopped by {@code spec.suspend}. */
    SUSPENDED("Suspended"),
    /** Nothing runs until a user acts or the store is reachable again. */
    STALLED("Stalled"),
    /** Every task is committed. */
    SUCCEEDED("Succeeded"),
    FAILED("Failed"),
    /** Ended by {@code spec.cancel}. */
    CANCELED("Canceled");

    private final String text;

    ExperimentState(String text) {
        this.text = text;
    }

    /** Value of the label {@code state} in metrics. */
    public String text() {
        return text;
    }

    /** True if nothing more will happen. */
    public boolean ended() {
        return this == SUCCEEDED || this == FAILED || this == CANCELED;
    }

    /** State that the conditions of a status express. */
    public static ExperimentState of(List<Condition> conditions) {
        Optional<Condition> succeeded = Conditions.find(conditions, ConditionType.SUCCEEDED);
        if (succeeded.filter(is -> is.status().equals(ConditionStatus.TRUE)).isPresent()) {
            return SUCCEEDED;
        }
        return succeeded
                .filter(is -> is.status().equals(ConditionStatus.FALSE))
                .map(is -> is.reason().equals(Outcome.CANCELED) ? CANCELED : FAILED)
                .orElseGet(() -> ofUnended(conditions));
    }

    /**
     * State that conditions express apart from {@code Succeeded}, for an experiment whose retry was requested after its
     * end.
     */
    public static ExperimentState ofUnended(List<Condition> conditions) {
        if (conditions.isEmpty()) {
            return NEW;
        } else if (Conditions.isTrue(conditions, ConditionType.SUSPENDED)) {
            return SUSPENDED;
        }
        return Conditions.isTrue(conditions, ConditionType.STALLED) ? STALLED : RUNNING;
    }
}
