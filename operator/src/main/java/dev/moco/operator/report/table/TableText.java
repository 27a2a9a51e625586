package dev.moco.operator.report.table;

import dev.moco.operator.report.Significance;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** A table for a terminal of 80 columns: below each row the paper's numbers, and the differences. */
public final class TableText {
    private static final String GAP = "  ";
    private static final int WIDTH = 80;
    private static final String OUTSIDE = "!";

    private TableText() {}

    public static String of(ResultsTable table) {
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>(table.keys());
        head.addAll(table.columns());
        lines.add(head);
        for (Row row : table.rows()) {
            List<String> ours = new ArrayList<>(row.keys());
            row.cells().forEach(cell -> ours.add(cell.oursText()));
            lines.add(ours);
            lines.add(below(table, row, "  paper", Cell::paperText));
            if (row.cells().stream().anyMatch(cell -> cell.ours() != null)) {
                lines.add(below(table, row, "  difference", TableText::marked));
                lines.add(below(table, row, "  runs", Cell::countText));
            }
        }
        StringBuilder text = new StringBuilder(table.title()).append("\n\n");
        int[] widths = widths(lines);
        lines.forEach(
                line -> text.append(line(line, widths, table.keys().size())).append("\n"));
        if (lines.stream().flatMap(List::stream).anyMatch(cell -> cell.endsWith(OUTSIDE))) {
            paragraph(text.append("\n"), "", OUTSIDE + " outside the published spread");
        }
        if (!table.missing().isEmpty()) {
            text.append("\nMissing:\n");
            table.missing().forEach(cells -> paragraph(text, "  ", cells.text()));
        }
        if (!table.notes().isEmpty()) {
            text.append("\n");
            table.notes().forEach(note -> paragraph(text, "", note));
        }
        return text.toString();
    }

    private static List<String> below(ResultsTable table, Row row, String name, Function<Cell, String> text) {
        List<String> line = new ArrayList<>(Collections.nCopies(table.keys().size(), ""));
        line.set(0, name);
        row.cells().stream().map(text).forEach(line::add);
        return line;
    }

    private static String marked(Cell cell) {
        return cell.differenceText() + (cell.significance() == Significance.OUTSIDE ? OUTSIDE : "");
    }

    private static int[] widths(List<List<String>> lines) {
        int[] widths = new int[lines.get(0).size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        return widths;
    }

    /** The first column is aligned to the left, the others to the right. */
    private static String line(List<String> cells, int[] widths, int keys) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - cells.get(i).length());
            line.append(i == 0 ? "" : GAP);
            line.append(i == 0 ? cells.get(i) + padding : padding + cells.get(i));
            if (i == keys - 1) {
                line.append(" ");
            }
        }
        return line.toString().stripTrailing();
    }

    /** A text in lines of at most 80 columns; a longer word has a line of its own. */
    private static void paragraph(StringBuilder text, String indent, String words) {
        StringBuilder line = new StringBuilder(indent);
        for (String word : words.split(" ", -1)) {
            if (line.length() > indent.length() && line.length() + word.length() > WIDTH) {
                text.append(line.toString().stripTrailing()).append("\n");
                line.setLength(0);
                line.append(indent).append("  ");
            }
            line.append(word).append(" ");
        }
        text.append(line.toString().stripTrailing()).append("\n");
    }
}
