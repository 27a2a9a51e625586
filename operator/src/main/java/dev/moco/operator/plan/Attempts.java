package dev.moco.operator.plan;

import dev.moco.contract.Termination;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Attempts at a task so far.
 *
 * @param verdict state of the task as the driver found it: an active one while an attempt is under way,
 *     {@link TaskState#FAILED} once the driver will not retry it; empty if the plan decides by the number of faults
 * @param note reason of an active verdict, for a person
 * @param faults attempts since the newest checkpoint that ended in a fault worth a retry
 * @param checkpoint step of the newest checkpoint when the last attempt ended; 0 for none
 * @param last termination of the last ended attempt
 * @param ended time of that termination
 */
public record Attempts(
        Optional<TaskState> verdict,
        String note,
        int faults,
        long checkpoint,
        @Nullable Termination last,
        @Nullable Instant ended) {
    public static final Attempts NONE = new Attempts(Optional.empty(), "", 0, 0, null, null);

    /** Note of a task whose pod has not started yet, without any problem. */
    public static final String STARTING = "is starting";

    private static final String RUNS = "runs";

    public Attempts {
        verdict.ifPresent(state -> {
            if (!state.active() && state != TaskState.FAILED) {
                throw new IllegalArgumentException("a verdict is active or Failed, found " + state.text());
            }
            if (state.active() && note.isEmpty()) {
                throw new IllegalArgumentException("verdict " + state.text() + " has no note");
            }
        });
    }

    /** A task that is active: pending, running or stopping. */
    public static Attempts active(TaskState state, String note) {
        return new Attempts(Optional.of(state), note, 0, 0, null, null);
    }

    /** A task that runs as usual. */
    public static Attempts running() {
        return active(TaskState.RUNNING, RUNS);
    }

    /** A task that has failed regardless of its exit code and the number of attempts. */
    public static Attempts failed(Termination how, Instant when) {
        return new Attempts(Optional.of(TaskState.FAILED), "", 0, 0, how, when);
    }

    /** Adds an attempt that runs. */
    public Attempts started() {
        return new Attempts(Optional.of(TaskState.RUNNING), RUNS, faults, checkpoint, last, ended);
    }

    /** Adds the end of the attempt, without a checkpoint. */
    public Attempts ended(Termination how, boolean fault, Instant now) {
        return ended(how, fault, checkpoint, now);
    }

    /**
     * Adds the end of the attempt. After a new checkpoint, faults are counted anew.
     *
     * @param newest step of the newest checkpoint; 0 for none
     */
    public Attempts ended(Termination how, boolean fault, long newest, Instant now) {
        int before = newest > checkpoint ? 0 : faults;
        return new Attempts(Optional.empty(), "", before + (fault ? 1 : 0), Math.max(newest, checkpoint), how, now);
    }
}
