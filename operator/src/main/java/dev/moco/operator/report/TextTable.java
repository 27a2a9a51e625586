package dev.moco.operator.report;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, each as wide as its widest cell. */
public record TextTable(List<String> head, List<List<String>> rows) {
    private static final int GAP = 3;

    public TextTable {
        head = List.copyOf(head);
        rows = rows.stream().map(List::copyOf).toList();
    }

    /** The head, then one line for each row. */
    public List<String> lines() {
        return lines(widths(new int[head.size()]));
    }

    /** Lines with columns at least as wide as given. */
    public List<String> lines(int[] widths) {
        List<String> lines = new ArrayList<>();
        lines.add(line(head, widths));
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    /** Width of each column: that of its widest cell, or the given one if that is greater. */
    public int[] widths(int[] least) {
        int[] widths = least.clone();
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], head.get(i).length());
            for (List<String> row : rows) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return widths;
    }

    /** One row in columns of given widths. */
    public static String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            line.append(cells.get(i))
                    .append(" ".repeat(Math.max(0, widths[i] - cells.get(i).length()) + GAP));
        }
        return line.toString().stripTrailing();
    }
}
