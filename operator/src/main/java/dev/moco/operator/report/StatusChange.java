package dev.moco.operator.report;

import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Summary;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which changes of a status are worth a write. */
public final class StatusChange {
    /** Between two writes that only move figures. */
    public static final Duration BETWEEN_FIGURES = Duration.ofSeconds(10);

    private static final String WAITS = "waits";

    private StatusChange() {}

    /**
     * How long to wait with the write: not at all for what anybody waits on, a while for figures and words that only move;
     * empty if there is nothing to write.
     *
     * @param lastWrite of this experiment's status, as far as is known
     */
    public static Optional<Duration> due(
            @Nullable MoCoExperimentStatus previous, MoCoExperimentStatus next, Instant lastWrite, Instant now) {
        if (next.equals(previous)) {
            return Optional.empty();
        }
        Instant due = lastWrite.plus(BETWEEN_FIGURES);
        boolean atOnce = previous == null || !lasting(next).equals(lasting(previous)) || !now.isBefore(due);
        return Optional.of(atOnce ? Duration.ZERO : Duration.between(now, due));
    }

    /** A status without what moves by itself. */
    private static MoCoExperimentStatus lasting(MoCoExperimentStatus status) {
        return status.withConditions(
                        status.observedGeneration(),
                        status.conditions().stream()
                                .map(condition -> condition.withMessage(""))
                                .toList())
                // That it waits for something is news; how many nodes the scheduler has seen is none.
                .withStages(status.stages().stream()
                        .map(stage -> stage.withoutProgress(Transitions.waits(stage) ? WAITS : ""))
                        .toList())
                .withSummary(Summary.EMPTY);
    }
}
