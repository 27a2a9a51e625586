package dev.moco.operator.report.table;

import dev.moco.operator.report.Significance;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.Optional;

/** A table as one HTML file that refers to nothing outside itself, with a plot where the table has one. */
public final class TableHtml {
    private static final String STYLE = "body{font:15px/1.5 system-ui,sans-serif;color:#1f2937;margin:32px}"
            + "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
            + "th,td{padding:6px 12px;text-align:right;border-bottom:1px solid #e5e7eb}"
            + "th:first-child,td:first-child{text-align:left}small{display:block;color:#6b7280}"
            + ".outside{color:#b91c1c}.within{color:#047857}svg{max-width:760px;display:block;margin:24px 0}";

    private TableHtml() {}

    public static String of(ResultsTable table) {
        return of(table, table.plotted() ? Optional.of(table) : Optional.empty());
    }

    /** A table with the plot of another one, which has the same numbers in other columns. */
    static String of(ResultsTable table, Optional<ResultsTable> plot) {
        StringBuilder html =
                new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.append("<title>").append(escaped(table.title())).append("</title>\n<style>");
        html.append(STYLE).append("</style>\n</head>\n<body>\n");
        html.append("<h1>").append(escaped(table.title())).append("</h1>\n");
        plot.map(TablePlot::svg).ifPresent(html::append);
        html.append("<table>\n<tr>");
        table.keys().forEach(key -> element(html, "th", key));
        table.columns().forEach(column -> element(html, "th", column));
        html.append("</tr>\n");
        table.rows().forEach(row -> row(html, row));
        html.append("</table>\n");
        if (!table.missing().isEmpty()) {
            html.append("<h2>Missing</h2>\n<ul>\n");
            table.missing().forEach(cells -> element(html, "li", cells.text()));
            html.append("</ul>\n");
        }
        table.notes().forEach(note -> element(html, "p", note));
        return html.append("</body>\n</html>\n").toString();
    }

    private static void row(StringBuilder html, Row row) {
        html.append("<tr>");
        row.keys().forEach(key -> element(html, "td", key));
        row.cells().forEach(cell -> cell(html, cell));
        html.append("</tr>\n");
    }

    private static void cell(StringBuilder html, Cell cell) {
        html.append("<td>").append(escaped(cell.oursText()));
        if (cell.ours() != null && cell.ours().count() > 1) {
            html.append(" <small>n=").append(cell.countText()).append("</small>");
        }
        if (cell.paper() != null) {
            html.append("<small>paper ").append(escaped(cell.paperText()));
            if (cell.ours() != null) {
                String within = cell.significance().text();
                html.append(", <span class=\"").append(within).append("\">").append(escaped(cell.differenceText()));
                html.append(cell.significance() == Significance.NONE ? "" : " " + within)
                        .append("</span>");
            }
            html.append("</small>");
        }
        html.append("</td>");
    }

    private static void element(StringBuilder html, String name, String text) {
        html.append("<")
                .append(name)
                .append(">")
                .append(escaped(text))
                .append("</")
                .append(name)
                .append(">");
        html.append(name.startsWith("t") ? "" : "\n");
    }

    static String escaped(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
