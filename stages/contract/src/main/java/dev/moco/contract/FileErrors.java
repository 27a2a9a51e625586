package dev.moco.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/** Errors of files in words: the JDK's messages of the most frequent ones are the file's name alone. */
public final class FileErrors {
    private static final String NO_SPACE = "no space left on the disk of the work folder: ";

    private FileErrors() {}

    /** The failure that an exception is, or that it stands for as an error of a file; empty for any other exception. */
    public static Optional<StageFailure> known(Exception exception) {
        if (exception instanceof StageFailure known) {
            return Optional.of(known);
        } else if (exception instanceof UncheckedIOException error) {
            return Optional.of(of(error));
        }
        return exception instanceof IOException error ? Optional.of(of(error)) : Optional.empty();
    }

    /** The failure of an error: bad configuration, bad data, or a fault that a retry may fix. */
    public static StageFailure of(UncheckedIOException error) {
        IOException cause = error.getCause();
        return cause == null ? StageFailure.fault(String.valueOf(error.getMessage()), error) : of(cause);
    }

    /** The failure of an error: bad configuration, bad data, or a fault that a retry may fix. */
    public static StageFailure of(IOException error) {
        String message = String.valueOf(error.getMessage());
        if (isDiskFull(message)) {
            return StageFailure.fault(explained(message), error);
        }
        if (error instanceof AccessDeniedException
                || message.contains("Permission denied")
                || message.contains("Operation not permitted")) {
            return StageFailure.badConfig(
                    file(error) + ": permission denied to user " + System.getProperty("user.name")
                            + "; allow it to read the data and to write the work folder",
                    error);
        }
        if (message.contains("Read-only file system")) {
            return StageFailure.badConfig(message + "; choose a folder that can be written", error);
        }
        if (error instanceof NoSuchFileException) {
            return StageFailure.fault(file(error) + ": no such file or folder", error);
        }
        if (error instanceof NotDirectoryException) {
            return StageFailure.badData(file(error) + ": not a folder", error);
        }
        if (error instanceof FileSystemLoopException || message.contains("Too many levels of symbolic links")) {
            return StageFailure.badData(file(error) + ": symbolic links that lead to themselves", error);
        }
        return StageFailure.fault("input or output failed: " + message, error);
    }

    /** A message; one about a full disk says what to do. */
    public static String explained(String message) {
        return isDiskFull(message) && !message.startsWith(NO_SPACE)
                ? NO_SPACE + message + "; free some, or choose another folder"
                : message;
    }

    private static boolean isDiskFull(String message) {
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    private static String file(IOException error) {
        String file = error instanceof FileSystemException system ? system.getFile() : null;
        return file == null ? String.valueOf(error.getMessage()) : file;
    }
}
