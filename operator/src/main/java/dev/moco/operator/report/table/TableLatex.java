package dev.moco.operator.report.table;

import dev.moco.operator.report.Significance;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.ArrayList;
import java.util.List;

/** A table for LaTeX without packages: for each number a column of ours, the paper's and the difference. */
public final class TableLatex {
    private static final List<String> PARTS = List.of("ours", "paper", "diff.");

    private TableLatex() {}

    public static String of(ResultsTable table) {
        StringBuilder text = new StringBuilder();
        text.append("% ").append(table.title().replaceAll("\\R", " ")).append("\n");
        text.append("\\begin{tabular}{")
                .append("l".repeat(table.keys().size()))
                .append("rrr".repeat(table.columns().size()))
                .append("}\n\\hline\n");
        List<String> over = new ArrayList<>(table.keys().stream().map(key -> "").toList());
        List<String> head =
                new ArrayList<>(table.keys().stream().map(TableLatex::escaped).toList());
        for (String column : table.columns()) {
            over.add("\\multicolumn{3}{c}{" + escaped(column) + "}");
            head.addAll(PARTS);
        }
        line(text, over);
        line(text, head);
        text.append("\\hline\n");
        for (Row row : table.rows()) {
            List<String> cells =
                    new ArrayList<>(row.keys().stream().map(TableLatex::escaped).toList());
            row.cells().forEach(cell -> cells.addAll(numbers(cell)));
            line(text, cells);
        }
        text.append("\\hline\n\\end{tabular}\n");
        table.missing()
                .forEach(cells -> text.append("% missing: ")
                        .append(cells.text().replaceAll("\\R", " "))
                        .append("\n"));
        table.notes()
                .forEach(note ->
                        text.append("% ").append(note.replaceAll("\\R", " ")).append("\n"));
        return text.toString();
    }

    /** A difference outside the published spread is bold. */
    private static List<String> numbers(Cell cell) {
        String difference = escaped(cell.differenceText());
        return List.of(
                escaped(cell.oursText()),
                escaped(cell.paperText()),
                cell.significance() == Significance.OUTSIDE ? "\\textbf{" + difference + "}" : difference);
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append(String.join(" & ", cells)).append(" \\\\\n");
    }

    static String escaped(String value) {
        StringBuilder text = new StringBuilder();
        value.codePoints().forEach(letter -> text.append(letter(letter)));
        return text.toString();
    }

    private static String letter(int letter) {
        return switch (letter) {
            case '\\' -> "\\textbackslash{}";
            case '&', '%', '$', '#', '_', '{', '}' -> "\\" + (char) letter;
            case '~' -> "$\\sim$";
            case '^' -> "\\textasciicircum{}";
            case '±' -> "$\\pm$";
            case '≤' -> "$\\le$";
            case '✓' -> "$\\surd$";
            case 'τ' -> "$\\tau$";
            case '–' -> "--";
            case '-', '+' -> "$" + (char) letter + "$";
            case '\r', '\n' -> " ";
            default -> Character.toString(letter);
        };
    }
}
