package dev.moco.operator.report;

import dev.moco.contract.Printable;

/** Texts of a status: one line each, without control characters, of a bounded length. */
final class StatusText {
    private StatusText() {}

    /** A text as one line; its beginning that takes at most so many bytes in JSON, with an ellipsis if it was cut. */
    static String of(String given, int most) {
        String text = Printable.line(given);
        int bytes = 0;
        int end = 0;
        for (int i = 0; i < text.length(); i++) {
            bytes += bytesInJson(text.charAt(i));
            if (bytes > most) {
                return text.substring(0, end) + "…";
            }
            if (bytes <= most - 3 && !Character.isHighSurrogate(text.charAt(i))) {
                end = i + 1;
            }
        }
        return text;
    }

    private static int bytesInJson(char letter) {
        if (letter < ' ') {
            return 6;
        }
        if (letter < 0x80) {
            return letter == '"' || letter == '\\' ? 2 : 1;
        }
        return letter < 0x800 || Character.isSurrogate(letter) ? 2 : 3;
    }
}
