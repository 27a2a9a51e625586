package dev.moco.training.weights.input;

import dev.moco.contract.Printable;
import dev.moco.contract.StageFailure;
import java.nio.file.Path;

/** A file breaks a rule. The message says where and what was found; the name of the file is added where it is known. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 120;

    private final Reason reason;

    /** @param message may have text of the file; its control characters are replaced */
    public RefusedException(Reason reason, String message) {
        super(oneLine(message));
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** The same with the place in front, such as an entry of an archive. */
    public RefusedException in(String place) {
        RefusedException placed = new RefusedException(reason, place + ": " + getMessage());
        placed.setStackTrace(getStackTrace());
        return placed;
    }

    /** The failure of a program that reads the file. */
    public StageFailure of(Path file) {
        return StageFailure.badData(file + " is refused (" + reason.id() + "): " + getMessage(), this);
    }

    /** Text of a file for a message: one line, shortened, without control characters. */
    public static String shown(String text) {
        String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        return "'" + oneLine(start) + "'";
    }

    /** Text with names of a file, without control characters. */
    public static String oneLine(String text) {
        return Printable.lines(text).replace('\n', '?');
    }
}
