package dev.moco.contract;

import java.util.List;

/**
 * A failure with a known cause: it has an exit code, and a message of one line that is shown instead of a stack trace.
 */
public final class StageFailure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int exitCode;

    private StageFailure(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** Creates a failure by bad data, which a retry cannot fix. */
    public static StageFailure badData(String message, Throwable... cause) {
        return new StageFailure(ExitCode.BAD_DATA, message, first(cause));
    }

    /** Creates a failure by configuration or credentials, which a retry cannot fix. */
    public static StageFailure badConfig(String message, Throwable... cause) {
        return new StageFailure(ExitCode.BAD_CONFIG, message, first(cause));
    }

    /** Creates a failure by the environment, such as network or disk, which a retry may fix. */
    public static StageFailure fault(String message, Throwable... cause) {
        return new StageFailure(ExitCode.FAULT, message, first(cause));
    }

    /** Creates the failure of a stage that saved a checkpoint and stopped on request. */
    public static StageFailure interrupted(String message) {
        return new StageFailure(ExitCode.INTERRUPTED, message, first());
    }

    /** The failures of several experiments as one, with every message and the exit code of the first. */
    public static StageFailure joined(List<StageFailure> failures) {
        StageFailure first = failures.get(0);
        if (failures.size() == 1) {
            return first;
        }
        StringBuilder text = new StringBuilder(failures.size() + " experiments have problems:");
        failures.forEach(failure ->
                text.append("\n  ").append(String.valueOf(failure.getMessage()).replace("\n", "\n  ")));
        return first.withMessage(text.toString());
    }

    /** The same failure in other words. */
    public StageFailure withMessage(String message) {
        return new StageFailure(exitCode, message, this);
    }

    public int exitCode() {
        return exitCode;
    }

    @SuppressWarnings("NullAway") // a Throwable's cause may be null
    private static Throwable first(Throwable... cause) {
        return cause.length == 0 ? null : cause[0];
    }
}
