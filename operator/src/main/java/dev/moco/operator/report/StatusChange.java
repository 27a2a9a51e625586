package dev.moco.operator.report;

import dev.moco.operator.crd.MoCoExperimentStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Which changes of a status are worth a write. */
public final class StatusChange {
    /** Between two writes that only move figures. */
    public static final Duration BETWEEN_FIGURES = Duration.ofSeconds(10);

    private StatusChange() {}

    /**
     * Whether to write: at once for what anybody waits on, seldom for figures that only move, never for what is equal.
     *
     * @param lastWrite of this experiment's status, as far as is known
     */
    public static boolean worthWriting(
            @Nullable MoCoExperimentStatus previous, MoCoExperimentStatus next, Instant lastWrite, Instant now) {
        throw new UnsupportedOperationException("not written yet " + previous + next + lastWrite + now);
    }
}
