package dev.moco.operator.report.table;

import dev.moco.operator.report.Significance;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.Optional;

/** A table as one HTML file that refers to nothing outside itself, with a plot where the table has one. */
public final class TableHtml {
    private static final String STYLE =
            ":root{color-scheme:light dark;--text:#1f2937;--quiet:#4b5563;--page:#fff;--line:#dbe1e8;"
                    + "--outside:#b91c1c;--within:#047857}"
                    + ".c0{color:#2563eb}.c1{color:#dc2626}.c2{color:#059669}.c3{color:#b45309}.c4{color:#7c3aed}.c5{color:#0e7490}"
                    + "@media screen and (prefers-color-scheme:dark){:root{--text:#e5e7eb;--quiet:#a7b0be;--page:#0f141b;--line:#2c3744;"
                    + "--outside:#f87171;--within:#34d399}"
                    + ".c0{color:#60a5fa}.c1{color:#f87171}.c2{color:#34d399}.c3{color:#fbbf24}.c4{color:#a78bfa}.c5{color:#22d3ee}}"
                    + "body{font:15px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);margin:24px}"
                    + "h1{overflow-wrap:anywhere}.wide{overflow-x:auto}"
                    + "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
                    + "th,td{padding:6px 12px;text-align:right;border-bottom:1px solid var(--line)}"
                    + "th:first-child{text-align:left}tbody th{font-weight:400}small{display:block;color:var(--quiet)}"
                    + ".outside{color:var(--outside)}.within{color:var(--within)}"
                    + "svg{width:100%;max-width:760px;height:auto;display:block;margin:24px 0}"
                    + "@media (max-width:480px){svg text{font-size:17px}}.grid{stroke:var(--line)}.mark{fill:var(--quiet)}";

    private TableHtml() {}

    public static String of(ResultsTable table) {
        return of(table, table.plotted() ? Optional.of(table) : Optional.empty());
    }

    /** A table with the plot of another one, which has the same numbers in other columns. */
    static String of(ResultsTable table, Optional<ResultsTable> plot) {
        StringBuilder html =
                new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
        html.append("<title>").append(escaped(table.title())).append("</title>\n<style>");
        html.append(STYLE).append("</style>\n</head>\n<body>\n");
        html.append("<h1>").append(escaped(table.title())).append("</h1>\n");
        plot.map(TablePlot::svg).ifPresent(html::append);
        html.append("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>");
        table.keys().forEach(key -> head(html, "col", key));
        table.columns().forEach(column -> head(html, "col", column));
        html.append("</tr></thead>\n<tbody>\n");
        table.rows().forEach(row -> row(html, row));
        html.append("</tbody>\n</table></div>\n");
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
        row.keys().forEach(key -> head(html, "row", key));
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
                .append(">\n");
    }

    private static void head(StringBuilder html, String scope, String text) {
        html.append("<th scope=\"")
                .append(scope)
                .append("\">")
                .append(escaped(text))
                .append("</th>");
    }

    static String escaped(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
