package dev.moco.contract;

/** Exit codes of stage programs and of {@code moco run}, after sysexits (docs/design.md §6). */
public final class ExitCode {
    public static final int DONE = 0;
    /** Bad data: never retried. */
    public static final int BAD_DATA = 65;
    /** Interrupted after a checkpoint: the same command continues; costs no retry. */
    public static final int INTERRUPTED = 75;
    /** Bad configuration, credentials included: never retried. */
    public static final int BAD_CONFIG = 78;
    /** A fault worth a retry. */
    public static final int FAULT = 1;

    private ExitCode() {}
}
