package dev.moco.training.collectives;

import org.jspecify.annotations.Nullable;

/** Another process of the stage has ended, or does not follow; the launcher knows why. */
public final class PeerLostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    private PeerLostException(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** The other one was there, and is no more: what it says of its end is the cause. */
    PeerLostException(String message, @Nullable Throwable cause) {
        this(Launcher.LOST_ANOTHER, message, cause);
    }

    /** The other one was never there, or is another program: nobody else may have a cause. */
    static PeerLostException apart(String message, @Nullable Throwable cause) {
        return new PeerLostException(Launcher.APART, message, cause);
    }

    /** Exit code of this process. */
    public int exitCode() {
        return exitCode;
    }
}
