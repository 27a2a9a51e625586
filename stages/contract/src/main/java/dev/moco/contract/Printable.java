package dev.moco.contract;

import java.util.regex.Pattern;

/**
 * Text from outside, such as a pod's or a server's message, made safe for a status, a log or a terminal. Control
 * characters, which begin a terminal's escape sequences, and invisible format characters, which reorder text, become
 * {@code ?}; a tab stays.
 */
public final class Printable {
    private static final Pattern BREAK = Pattern.compile("\\R");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}&&[^\\t\\n]]");

    private Printable() {}

    /** The text as one line: its lines are joined by {@code ;}, or follow a colon. */
    public static String line(String text) {
        StringBuilder line = new StringBuilder();
        for (String part : BREAK.split(text, -1)) {
            String stripped = part.strip();
            if (!stripped.isEmpty()) {
                line.append(line.isEmpty() ? "" : line.charAt(line.length() - 1) == ':' ? " " : "; ");
                line.append(stripped);
            }
        }
        return UNPRINTABLE.matcher(line).replaceAll("?");
    }

    /** The text with its lines. */
    public static String lines(String text) {
        return UNPRINTABLE.matcher(text.replace("\r\n", "\n")).replaceAll("?");
    }

    /** The text with its lines, of which all but the first are indented, so that none looks like another message. */
    public static String message(String text) {
        return lines(text).replaceAll("\n(?! )", "\n  ");
    }
}
