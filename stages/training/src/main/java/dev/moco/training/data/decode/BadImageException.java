package dev.moco.training.data.decode;

/** Bytes that are no whole, readable image; the message says what is wrong, the caller knows the image's name. */
public final class BadImageException extends Exception {
    private static final long serialVersionUID = 1;

    public BadImageException(String message) {
        super(message);
    }

    BadImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
