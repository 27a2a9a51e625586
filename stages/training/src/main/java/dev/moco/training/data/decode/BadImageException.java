package dev.moco.training.data.decode;

/**
 * Thrown for bytes that are not a whole, readable image. The message gives the reason; the caller adds the image's
 * name.
 */
public final class BadImageException extends Exception {
    private static final long serialVersionUID = 1;

    public BadImageException(String message) {
        super(message);
    }

    BadImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
