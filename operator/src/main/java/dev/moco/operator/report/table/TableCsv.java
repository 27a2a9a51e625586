package dev.moco.operator.report.table;

import dev.moco.operator.report.Csv;
import dev.moco.operator.report.Spread;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table as CSV with a line for each cell. */
public final class TableCsv {
    private static final List<String> NUMBERS =
            List.of("column", "ours", "deviation", "runs", "mark", "paper", "difference", "spread");

    private TableCsv() {}

    public static String of(ResultsTable table) {
        List<String> head = new ArrayList<>(table.keys());
        head.addAll(NUMBERS);
        StringBuilder text = new StringBuilder(Csv.line(head));
        for (Row row : table.rows()) {
            for (int i = 0; i < row.cells().size(); i++) {
                List<String> line = new ArrayList<>(row.keys());
                line.add(table.columns().get(i));
                line.addAll(numbers(row.cells().get(i)));
                text.append(Csv.line(line));
            }
        }
        return text.toString();
    }

    private static List<String> numbers(Cell cell) {
        Spread ours = cell.ours();
        return List.of(
                number(ours == null ? null : (Double) ours.mean()),
                number(ours == null || ours.count() == 1 ? null : (Double) ours.deviation()),
                cell.countText(),
                ours == null ? "" : cell.mark(),
                number(cell.paper()),
                number(cell.difference()),
                cell.significance().text());
    }

    /** Every digit that is not rounding. */
    private static String number(@Nullable Double value) {
        return value == null ? "" : Double.toString(Math.round(value * 1e6) / 1e6);
    }
}
