package dev.moco.contract;

/** A failure whose cause is known: its exit code and one line for the user, in place of a stack trace. */
public final class StageFailure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int exitCode;

    private StageFailure(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** Data that no retry will mend. */
    public static StageFailure badData(String message, Throwable... cause) {
        return new StageFailure(ExitCode.BAD_DATA, message, first(cause));
    }

    /** Configuration or credentials that no retry will mend. */
    public static StageFailure badConfig(String message, Throwable... cause) {
        return new StageFailure(ExitCode.BAD_CONFIG, message, first(cause));
    }

    /** A fault of the surroundings (network, disk) that a retry may find mended. */
    public static StageFailure fault(String message, Throwable... cause) {
        return new StageFailure(ExitCode.FAULT, message, first(cause));
    }

    /** Stopped by request, with a checkpoint behind it. */
    public static StageFailure interrupted(String message) {
        return new StageFailure(ExitCode.INTERRUPTED, message, first());
    }

    public int exitCode() {
        return exitCode;
    }

    @SuppressWarnings("NullAway") // a Throwable's cause may be null
    private static Throwable first(Throwable... cause) {
        return cause.length == 0 ? null : cause[0];
    }
}
