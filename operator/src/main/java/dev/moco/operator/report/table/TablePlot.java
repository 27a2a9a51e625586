package dev.moco.operator.report.table;

import dev.moco.operator.report.Spread;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a plotted table over its first key, as SVG: ours as lines, the paper's dashed. Keys that are not all numbers
 * are drawn at equal distances, as points without lines.
 */
final class TablePlot {
    /** Number of classes {@code c0}, {@code c1} … of colors, which the page has in light and in dark. */
    private static final int COLORS = 6;

    /** Class of the texts at the axes. */
    private static final String MARK = "mark";

    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int LEFT = 50;
    private static final int RIGHT = 16;
    private static final int TOP = 40;
    /** Columns named in one line above the plot, and the height of a further line. */
    private static final int NAMES = 3;

    private static final int NAME_HEIGHT = 16;
    private static final int BOTTOM = 44;

    private final ResultsTable table;
    private final boolean numeric;
    private final int top;
    private final double xMin;
    private final double xMax;
    private final double yMin;
    private final double yMax;

    private TablePlot(ResultsTable table) {
        this.table = table;
        numeric = table.rows().stream().allMatch(row -> number(row).isPresent());
        top = TOP + NAME_HEIGHT * ((table.columns().size() - 1) / NAMES);
        List<Double> x = table.rows().stream().map(this::x).toList();
        List<Double> y = table.rows().stream()
                .flatMap(row -> row.cells().stream())
                .flatMap(cell -> Stream.concat(Stream.ofNullable(ours(cell)), Stream.ofNullable(cell.paper())))
                .toList();
        xMin = x.stream().mapToDouble(v -> v).min().orElse(0);
        xMax = x.stream().mapToDouble(v -> v).max().orElse(1);
        yMin = Math.floor(y.stream().mapToDouble(v -> v).min().orElse(0)) - 1;
        yMax = Math.ceil(y.stream().mapToDouble(v -> v).max().orElse(1)) + 1;
    }

    static String svg(ResultsTable table) {
        return new TablePlot(table).draw();
    }

    private String draw() {
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\""
                        + " font-family=\"sans-serif\" font-size=\"12\">\n",
                WIDTH,
                HEIGHT,
                TableHtml.escaped(table.title())));
        axes(svg);
        for (int column = 0; column < table.columns().size(); column++) {
            int at = column;
            String color = "c" + column % COLORS;
            line(svg, points(at, Cell::paper), color, " stroke-dasharray=\"5 4\" opacity=\"0.6\"");
            List<double[]> ours = points(at, TablePlot::ours);
            line(svg, numeric ? ours : List.of(), color, "");
            ours.forEach(point -> svg.append(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" class=\"%s\" fill=\"currentColor\"/>\n",
                    point[0],
                    point[1],
                    color)));
            text(
                    svg,
                    LEFT + 8 + 190 * (column % NAMES),
                    20 + NAME_HEIGHT * (column / NAMES),
                    "start",
                    color,
                    table.columns().get(column) + (hasPaper(column) ? " (paper dashed)" : ""));
        }
        return svg.append("</svg>\n").toString();
    }

    private void axes(StringBuilder svg) {
        for (double y = yMin; y <= yMax; y += Math.max(1, Math.round((yMax - yMin) / 8))) {
            svg.append(String.format(
                    Locale.ROOT, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", LEFT, down(y), WIDTH - RIGHT));
            text(svg, LEFT - 6, down(y) + 4, "end", MARK, String.format(Locale.ROOT, "%.0f", y));
        }
        for (Row row : table.rows()) {
            text(
                    svg,
                    across(x(row)),
                    HEIGHT - BOTTOM + 18,
                    "middle",
                    MARK,
                    row.keys().get(0));
        }
        text(
                svg,
                (LEFT + WIDTH - RIGHT) / 2.0,
                HEIGHT - 6,
                "middle",
                MARK,
                table.keys().get(0));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String color, String value) {
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\"%s>%s</text>\n",
                x,
                y,
                anchor,
                color,
                color.equals(MARK) ? "" : " fill=\"currentColor\"",
                TableHtml.escaped(value)));
    }

    private List<double[]> points(int column, Function<Cell, @Nullable Double> value) {
        return table.rows().stream()
                .flatMap(row -> Stream.ofNullable(value.apply(row.cells().get(column)))
                        .map(y -> new double[] {across(x(row)), down(y)}))
                .toList();
    }

    private static void line(StringBuilder svg, List<double[]> points, String color, String style) {
        if (!points.isEmpty()) {
            svg.append(points.stream()
                    .map(point -> String.format(Locale.ROOT, "%.1f,%.1f", point[0], point[1]))
                    .collect(Collectors.joining(
                            " ",
                            "<polyline points=\"",
                            "\" class=\"" + color + "\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\""
                                    + style + "/>\n")));
        }
    }

    private double across(double x) {
        return LEFT + 12 + (x - xMin) / Math.max(1e-9, xMax - xMin) * (WIDTH - LEFT - RIGHT - 24);
    }

    private double down(double y) {
        return top + (yMax - y) / (yMax - yMin) * (HEIGHT - top - BOTTOM);
    }

    private double x(Row row) {
        return numeric ? number(row).orElseThrow() : table.rows().indexOf(row);
    }

    private boolean hasPaper(int column) {
        return table.rows().stream().anyMatch(row -> row.cells().get(column).paper() != null);
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

    private static @Nullable Double ours(Cell cell) {
        Spread ours = cell.ours();
        return ours == null ? null : (Double) ours.mean();
    }
}
