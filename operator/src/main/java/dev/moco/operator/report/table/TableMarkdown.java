package dev.moco.operator.report.table;

import dev.moco.operator.report.Significance;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A table in Markdown: in each cell ours, then in parentheses the paper's, the difference, and the spread. */
public final class TableMarkdown {
    private TableMarkdown() {}

    public static String of(ResultsTable table) {
        StringBuilder text =
                new StringBuilder("## ").append(escaped(table.title())).append("\n\n");
        List<String> head =
                Stream.concat(table.keys().stream(), table.columns().stream()).toList();
        line(text, head);
        text.append("|").append("---|".repeat(head.size())).append("\n");
        for (Row row : table.rows()) {
            List<String> cells = new ArrayList<>(row.keys());
            row.cells().forEach(cell -> cells.add(text(cell)));
            line(text, cells);
        }
        if (!table.missing().isEmpty()) {
            text.append("\nMissing:\n\n");
            table.missing()
                    .forEach(cells ->
                            text.append("- ").append(escaped(cells.text())).append("\n"));
        }
        table.notes().forEach(note -> text.append("\n").append(escaped(note)).append("\n"));
        return text.toString();
    }

    /** {@code 67.4±0.1 (67.5, -0.1, within, n=5)}. */
    static String text(Cell cell) {
        if (cell.ours() == null) {
            return cell.paper() == null ? "" : "– (" + cell.paperText() + ")";
        }
        List<String> beside = Stream.of(
                        cell.paperText(),
                        cell.differenceText(),
                        cell.significance() == Significance.NONE
                                ? ""
                                : cell.significance().text(),
                        cell.ours().count() > 1 ? "n=" + cell.countText() : "")
                .filter(part -> !part.isEmpty())
                .toList();
        return cell.oursText() + (beside.isEmpty() ? "" : " (" + String.join(", ", beside) + ")");
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("|");
        cells.forEach(cell -> text.append(" ").append(escaped(cell)).append(" |"));
        text.append("\n");
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\")
                .replace("|", "\\|")
                .replace("<", "&lt;")
                .replace("\r", " ")
                .replace("\n", " ");
    }
}
