package dev.moco.operator.report;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Lines of comma-separated values, as RFC 4180 has them. */
public final class Csv {
    private static final Pattern FORMULA = Pattern.compile("[=+\\-@\t\r].*", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?");

    private Csv() {}

    /** A line with its end. */
    public static String line(List<String> cells) {
        return cells.stream().map(Csv::quoted).collect(Collectors.joining(",", "", "\n"));
    }

    /** A text that a spreadsheet would compute as a formula gets an apostrophe in front; a number with its sign stays. */
    private static String quoted(String cell) {
        boolean formula =
                FORMULA.matcher(cell).matches() && !NUMBER.matcher(cell).matches();
        String safe = formula ? "'" + cell : cell;
        return safe.matches("(?s).*[\",\r\n].*") ? "\"" + safe.replace("\"", "\"\"") + "\"" : safe;
    }
}
