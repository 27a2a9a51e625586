package dev.moco.operator.report;

import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides which changes of a status are worth a write. */
public final class StatusChange {
    /** Time between two writes that only update progress. */
    public static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(10);

    private static final String WAITS = "waits";

    private StatusChange() {}

    /**
     * Time to wait with the write: none for a transition, longer for progress and changing reasons;
     * empty if there is nothing to write.
     *
     * @param lastWrite time of this process's last write of the status
     */
    public static Optional<Duration> due(
            @Nullable MoCoExperimentStatus previous, MoCoExperimentStatus next, Instant lastWrite, Instant now) {
        if (next.equals(previous)) {
            return Optional.empty();
        }
        Instant due = lastWrite.plus(BETWEEN_PROGRESS);
        boolean atOnce = previous == null || !lasting(next).equals(lasting(previous)) || !now.isBefore(due);
        return Optional.of(atOnce ? Duration.ZERO : Duration.between(now, due));
    }

    /** A status without fields that change with time alone. */
    private static MoCoExperimentStatus lasting(MoCoExperimentStatus status) {
        return status.withConditions(
                        status.observedGeneration(),
                        status.conditions().stream()
                                .map(condition -> condition.withMessage(""))
                                .toList())
                // The start of a wait is a transition; a new count of nodes in the scheduler's message is not.
                .withStages(status.stages().stream()
                        .map(stage -> stage.withoutProgress(Transitions.waits(stage) ? WAITS : ""))
                        .toList())
                .withSummary(Summary.EMPTY);
    }
}
