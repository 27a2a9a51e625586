package dev.moco.contract;

/** Exit codes of stage programs and of {@code moco run}, after sysexits (docs/design.md §6). */
public final class ExitCode {
    public static final int DONE = 0;
    /** Bad data; not retried. */
    public static final int BAD_DATA = 65;
    /** Interrupted after a checkpoint, from which the same command continues; does not count as a retry. */
    public static final int INTERRUPTED = 75;
    /** Bad configuration or credentials; not retried. */
    public static final int BAD_CONFIG = 78;
    /** Any other failure; retried. */
    public static final int FAULT = 1;

    private ExitCode() {}
}
