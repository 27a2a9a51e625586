package dev.moco.operator.client;

import dev.moco.operator.report.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * One frame of a display.
 *
 * @param above lines above the table
 * @param table table
 * @param ticking columns that change with time alone and do not count as changes
 * @param below lines below the table
 */
public record Frame(List<String> above, TextTable table, Set<String> ticking, List<String> below) {
    public Frame {
        above = List.copyOf(above);
        ticking = Set.copyOf(ticking);
        below = List.copyOf(below);
    }

    public List<String> lines() {
        List<String> lines = new ArrayList<>(above);
        if (!table.rows().isEmpty()) {
            lines.addAll(table.lines());
        }
        lines.addAll(below);
        return lines;
    }

    /** A row without its ticking columns. */
    List<String> changes(List<String> row) {
        return IntStream.range(0, row.size())
                .filter(column -> !ticking.contains(table.head().get(column)))
                .mapToObj(row::get)
                .toList();
    }
}
