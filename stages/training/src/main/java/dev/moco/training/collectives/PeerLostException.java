package dev.moco.training.collectives;

import org.jspecify.annotations.Nullable;

/** Another process of the stage has ended, or does not follow; the launcher knows why. */
public final class PeerLostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PeerLostException(String message) {
        super(message);
    }

    PeerLostException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
