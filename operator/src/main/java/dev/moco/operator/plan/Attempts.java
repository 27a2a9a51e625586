package dev.moco.operator.plan;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Termination;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was tried of a task so far.
 *
 * @param running whether an attempt runs now
 * @param faults attempts that ended in a fault worth a retry
 * @param last how the last ended attempt ended
 * @param ended when
 */
public record Attempts(
        boolean running,
        int faults,
        @Nullable Termination last,
        @Nullable Instant ended) {
    public static final Attempts NONE = new Attempts(false, 0, null, null);

    /** Retries are used up, by whoever counts them: the task has failed, whatever the exit code. */
    public static Attempts exhausted(@Nullable Termination how, Instant when) {
        Termination last = how == null ? new Termination(ExitCode.FAULT, null, null) : how;
        boolean goesOn = last.exitCode() == ExitCode.DONE || last.exitCode() == ExitCode.INTERRUPTED;
        return new Attempts(
                false,
                Plan.RETRIES + 1,
                goesOn ? new Termination(ExitCode.FAULT, last.message(), last.digest()) : last,
                when);
    }

    public Attempts started() {
        return new Attempts(true, faults, last, ended);
    }

    public Attempts ended(Termination how, boolean fault, Instant now) {
        return new Attempts(false, faults + (fault ? 1 : 0), how, now);
    }
}
