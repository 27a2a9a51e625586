package dev.moco.operator.jobs;

import dev.moco.operator.crd.MoCoExperimentStatus;
import dev.moco.operator.plan.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a scene. The reconciler creates Jobs, writes the status, and only then stops what the status says has
 * failed, is suspended or given up: a crash in between loses no verdict.
 *
 * @param decision where every task stands; empty once the experiment has ended, when nothing is looked up any more
 * @param status to write, if it differs; the previous one, but for the store's conditions, while looks are missing
 * @param creates before the status is written
 * @param stops deletions and evictions, after it
 * @param looks at the store that are missing
 * @param report whether the report is to be written: everything has ended, and the status tells so only after it
 * @param unlisted tasks whose raw data is not listed yet
 * @param again when time alone may change something; empty if only events can
 */
public record Turn(
        Optional<Decision> decision,
        MoCoExperimentStatus status,
        List<Action.Create> creates,
        List<Action> stops,
        List<Look> looks,
        List<String> unlisted,
        boolean report,
        Optional<Duration> again) {
    public Turn {
        creates = List.copyOf(creates);
        stops = List.copyOf(stops);
        looks = List.copyOf(looks);
        unlisted = List.copyOf(unlisted);
    }

    /** Decides. */
    public static Turn of(Scene scene) {
        throw new UnsupportedOperationException("not written yet " + scene.owner());
    }

    /** Answers a spec that cannot be read. */
    public static Turn refused(Owner owner, @Nullable MoCoExperimentStatus previous, String problem, Instant now) {
        throw new UnsupportedOperationException("not written yet " + owner + previous + problem + now);
    }

    /** Whether an experiment has ended for good: nothing is done for it, and nothing looked up. */
    public static boolean ended(Scene scene) {
        throw new UnsupportedOperationException("not written yet " + scene.owner());
    }
}
