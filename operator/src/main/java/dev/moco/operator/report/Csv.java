package dev.moco.operator.report;

import java.util.List;
import java.util.stream.Collectors;

/** Lines of comma-separated values, as RFC 4180 has them. */
public final class Csv {
    private Csv() {}

    /** A line with its end. */
    public static String line(List<String> cells) {
        return cells.stream().map(Csv::quoted).collect(Collectors.joining(",", "", "\n"));
    }

    /** A text that a spreadsheet would compute as a formula gets an apostrophe in front. */
    private static String quoted(String cell) {
        String safe = cell.matches("(?s)[=@].*") ? "'" + cell : cell;
        return safe.matches("(?s).*[\",\r\n].*") ? "\"" + safe.replace("\"", "\"\"") + "\"" : safe;
    }
}
