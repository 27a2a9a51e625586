package dev.moco.contract;

import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Bounds of what is read from a store, which anyone who can write to it may have written. */
final class Bounds {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    /** Segments that begin with a letter, digit or underscore, so that none is empty, {@code .} or {@code ..}. */
    private static final Pattern PATH = Pattern.compile("\\w[\\w.-]*(?:/\\w[\\w.-]*)*");

    private static final int MAX_PATH = 256;
    private static final int SHOWN = 80;
    private static final double LARGEST = 1e12;
    private static final double ROUNDING = 1e-6;
    /** The last second of a year with four digits, which is as far as ISO-8601 goes without a sign. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private Bounds() {}

    static void sha256(String what, String value) {
        if (!SHA256.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    what + " must have 64 lower-case hexadecimal digits, found " + shown(value));
        }
    }

    static void path(String what, String value) {
        if (value.length() > MAX_PATH || !PATH.matcher(value).matches()) {
            throw new IllegalArgumentException(what + " must be a relative path of at most " + MAX_PATH
                    + " letters, digits, \"_\", \"-\" and \".\", without \"..\", found " + shown(value));
        }
    }

    static void text(String what, String value, int most) {
        if (value.length() > most) {
            throw new IllegalArgumentException(
                    what + " must have at most " + most + " characters, found " + value.length());
        }
    }

    static void count(String what, int count, int most) {
        if (count > most) {
            throw new IllegalArgumentException(what + " must be at most " + most + ", found " + count);
        }
    }

    static void notNegative(String what, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(what + " must not be negative, found " + value);
        }
    }

    /** A finite number of at most a trillion on either side of 0. */
    static void number(String what, double value) {
        if (!isNumber(value)) {
            throw new IllegalArgumentException(what + " must be between -1e12 and 1e12, found " + value);
        }
    }

    static boolean isNumber(double value) {
        return Math.abs(value) <= LARGEST;
    }

    /** A share in percent, with room for rounding, or null. */
    static void percent(String what, @Nullable Double value) {
        if (value != null && !(value >= -ROUNDING && value <= 100 + ROUNDING)) {
            throw new IllegalArgumentException(what + " must be between 0 and 100, found " + value);
        }
    }

    static void time(String what, Instant value) {
        if (value.isBefore(Instant.EPOCH) || value.isAfter(LATEST)) {
            throw new IllegalArgumentException(what + " must be between 1970 and 9999, found " + value);
        }
    }

    /** The beginning of a text in quotation marks, with a question mark for each character that is not plain ASCII. */
    private static String shown(String value) {
        String start = value.substring(0, Math.min(SHOWN, value.length())).replaceAll("[^ -~]", "?");
        return "\"" + start + (value.length() > SHOWN ? "…\"" : "\"");
    }
}
