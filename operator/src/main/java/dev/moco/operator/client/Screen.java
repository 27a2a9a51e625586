package dev.moco.operator.client;

import dev.moco.operator.report.TextTable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Shows frames: redrawn in place on a terminal, elsewhere one line for each changed row, as kubectl does. */
public final class Screen {
    /** Lines longer than the terminal are cut by it instead of wrapped, so that lines can be counted. */
    private static final String NO_WRAP = "\u001b[?7l";

    /** Exit code for output to a closed pipe, such as {@code | head}: that of SIGPIPE in shells. */
    static final int CLOSED = 141;

    private static final String WRAP = "\u001b[?7h";
    private static final String ERASE_BELOW = "\u001b[J";

    private final PrintStream out;
    private final boolean terminal;
    private final int rows;
    private List<String> drawn = List.of();
    private Set<Object> shown = Set.of();
    private int[] widths = {};
    private boolean headed;

    /**
     * Creates a screen.
     *
     * @param terminal true if {@code out} is a terminal
     * @param rows its height; 0 if unknown
     */
    public Screen(PrintStream out, boolean terminal, int rows) {
        this.out = out;
        this.terminal = terminal;
        this.rows = rows;
    }

    /** Shows a frame; false if the output is closed. */
    public boolean show(Frame frame) {
        if (terminal) {
            draw(cut(frame.lines()));
        } else {
            append(frame);
        }
        return !out.checkError();
    }

    /** Cuts a frame to the height of the terminal, since lines that scrolled off cannot be redrawn. */
    private List<String> cut(List<String> lines) {
        if (rows < 3 || lines.size() < rows) {
            return lines;
        }
        List<String> cut = new ArrayList<>(lines.subList(0, rows - 2));
        cut.add("… " + (lines.size() - cut.size()) + " more lines");
        return cut;
    }

    private void draw(List<String> lines) {
        if (lines.equals(drawn)) {
            return;
        }
        String up = drawn.isEmpty() ? "" : "\u001b[" + drawn.size() + "F";
        out.print(up + ERASE_BELOW + NO_WRAP + String.join("\n", lines) + "\n" + WRAP);
        drawn = lines;
    }

    private void append(Frame frame) {
        TextTable table = frame.table();
        // Columns only grow, since printed lines cannot be aligned again.
        widths = table.widths(widths.length == 0 ? new int[table.head().size()] : widths);
        Set<Object> now = new HashSet<>();
        frame.above().forEach(line -> print(line, line, now));
        if (!headed && !table.rows().isEmpty()) {
            out.println(TextTable.line(table.head(), widths));
            headed = true;
        }
        table.rows().forEach(row -> print(frame.changes(row), TextTable.line(row, widths), now));
        frame.below().forEach(line -> print(line, line, now));
        shown = now;
    }

    private void print(Object row, String line, Set<Object> now) {
        if (!shown.contains(row)) {
            out.println(line);
        }
        now.add(row);
    }
}
