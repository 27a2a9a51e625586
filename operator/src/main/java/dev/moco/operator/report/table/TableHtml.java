package dev.moco.operator.report.table;

import dev.moco.operator.report.HtmlReport;
import dev.moco.operator.report.Significance;
import dev.moco.operator.report.Spread;
import dev.moco.operator.report.page.Block;
import dev.moco.operator.report.page.Chart;
import dev.moco.operator.report.page.LineChart;
import dev.moco.operator.report.page.LineChart.ChartLine;
import dev.moco.operator.report.page.LineChart.Point;
import dev.moco.operator.report.page.Page;
import dev.moco.operator.report.page.Page.Section;
import dev.moco.operator.report.page.Page.TableCell;
import dev.moco.operator.report.page.Page.TableRow;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A table as a page of the report's template, with a plot where the table has one. */
public final class TableHtml {
    private TableHtml() {}

    public static String of(ResultsTable table) {
        return of(table, table.plotted() ? Optional.of(table) : Optional.empty());
    }

    /** A table with the plot of another one, which has the same numbers in other columns. */
    static String of(ResultsTable table, Optional<ResultsTable> plot) {
        List<Block> results = new ArrayList<>();
        results.add(Block.charts(plot.flatMap(TableHtml::chart)));
        results.add(Block.table(new Page.Table(
                "",
                Stream.concat(table.keys().stream(), table.columns().stream()).toList(),
                table.rows().stream().map(TableHtml::row).toList())));
        table.notes().forEach(note -> results.add(Block.text(note)));
        List<Block> missing =
                table.missing().stream().map(cells -> Block.text(cells.text())).toList();
        return HtmlReport.of(new Page(
                table.title(),
                "",
                List.of(),
                List.of(new Section("Results", results), new Section("Missing", missing))));
    }

    private static TableRow row(Row row) {
        return new TableRow(
                row.keys().get(0),
                Stream.concat(
                                row.keys().stream().skip(1).map(TableCell::of),
                                row.cells().stream().map(TableHtml::cell))
                        .toList());
    }

    private static TableCell cell(Cell cell) {
        List<String> notes = new ArrayList<>();
        if (cell.ours() != null && cell.ours().count() > 1) {
            notes.add("n=" + cell.countText());
        }
        if (cell.paper() != null) {
            notes.add("paper " + cell.paperText());
        }
        if (!cell.differenceText().isEmpty()) {
            notes.add(cell.differenceText()
                    + (cell.significance() == Significance.NONE
                            ? ""
                            : " " + cell.significance().text()));
        }
        return new TableCell(cell.oursText(), cell.significance().kind(), "", String.join(", ", notes));
    }

    /**
     * The columns over the first key, with the paper's dashed. Keys that are not all numbers are at equal distances, as points
     * without lines.
     */
    private static Optional<Chart> chart(ResultsTable table) {
        boolean numbers = table.rows().stream().allMatch(row -> number(row).isPresent());
        List<ChartLine> lines = new ArrayList<>();
        for (int column = 0; column < table.columns().size(); column++) {
            List<Point> ours = new ArrayList<>();
            List<Point> paper = new ArrayList<>();
            for (int i = 0; i < table.rows().size(); i++) {
                Row row = table.rows().get(i);
                double x = numbers ? number(row).orElseThrow() : i;
                Cell cell = row.cells().get(column);
                Spread spread = cell.ours();
                if (spread != null) {
                    ours.add(new Point(x, spread.mean(), spread.deviation()));
                }
                if (cell.paper() != null) {
                    paper.add(new Point(x, cell.paper(), 0));
                }
            }
            String name = table.columns().get(column);
            lines.add(new ChartLine(paper.isEmpty() ? name : name + " (paper dashed)", ours, paper));
        }
        List<String> places = numbers
                ? List.of()
                : table.rows().stream().map(row -> row.keys().get(0)).toList();
        String unit = table.columns().size() == 1 ? table.columns().get(0) : "";
        return new LineChart(table.title(), table.keys().get(0), unit, lines, List.of(), places)
                .chart()
                .map(chart -> chart.withFinding(finding(table)));
    }

    /** {@code top-1, %: at most 66.0, at temperature 0.2.} */
    private static String finding(ResultsTable table) {
        List<String> findings = new ArrayList<>();
        for (int column = 0; column < table.columns().size(); column++) {
            int at = column;
            table.rows().stream()
                    .filter(row -> row.cells().get(at).ours() != null)
                    .max(Comparator.comparingDouble(row -> mean(row.cells().get(at))))
                    .ifPresent(best -> findings.add(table.columns().get(at) + ": at most "
                            + best.cells().get(at).oursText() + ", at "
                            + table.keys().get(0) + " "
                            + best.keys().get(0)));
        }
        return findings.isEmpty() ? "No numbers yet." : String.join("; ", findings) + ".";
    }

    private static double mean(Cell cell) {
        return Objects.requireNonNull(cell.ours()).mean();
    }

    /** The first key as a number; empty if it is none. */
    static Optional<Double> number(Row row) {
        try {
            double number = Double.parseDouble(row.keys().get(0));
            return Double.isFinite(number) ? Optional.of(number) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
