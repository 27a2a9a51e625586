package dev.moco.operator.local;

import dev.moco.contract.Printable;
import dev.moco.contract.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows the progress of running stages: on a terminal a bar for each below what has happened, redrawn in place; lines if the
 * output is piped. May be used by several threads.
 */
public final class ProgressDisplay {
    /** Name of the line about all stages. */
    private static final String TOTAL = "total";

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
    private static final Duration BETWEEN_TOTALS = Duration.ofMinutes(1);

    /** A terminal that was made narrower cuts lines instead of wrapping them, so that lines can be counted. */
    private static final String NO_WRAP = "\u001b[?7l";

    private static final String WRAP = "\u001b[?7h";
    private static final String ERASE_BELOW = "\u001b[J";

    private final PrintStream out;
    private final int columns;
    private final Map<String, Progress> running = new LinkedHashMap<>();
    private final Map<String, Instant> lastLines = new HashMap<>();
    private @Nullable TimeLeft total;
    private List<String> drawn = List.of();

    /**
     * Creates a display.
     *
     * @param columns width of the terminal; 0 if the output is piped
     */
    public ProgressDisplay(PrintStream out, int columns) {
        this.out = out;
        this.columns = columns;
    }

    /** Prints one line for a transition, such as a start or a cache hit. */
    public synchronized void event(String task, String text) {
        permanent(line(task, Printable.line(text)));
    }

    /** Prints one line for the end of a task, with a full bar if it is done. */
    public synchronized void ended(String task, String text, boolean done) {
        Progress last = running.remove(task);
        String line = Printable.line(text);
        permanent(line(
                task, columns == 0 || last == null ? line : ProgressText.bar(columns, done ? 1 : share(last)) + line));
    }

    /** Shows the newest progress of a running task. */
    public synchronized void progress(String task, Progress progress, Instant now) {
        running.put(task, progress);
        if (columns > 0) {
            draw();
        } else if (due(task, BETWEEN_LINES, now)) {
            out.println(line(task, ProgressText.line(progress)));
        }
    }

    /** Shows how far all tasks are. */
    public synchronized void total(TimeLeft left, Instant now) {
        total = left;
        if (columns > 0) {
            draw();
        } else if (due(TOTAL, BETWEEN_TOTALS, now)) {
            out.println(line(TOTAL, left.text()));
        }
    }

    /** Removes the bars. */
    public synchronized void end() {
        running.clear();
        total = null;
        draw();
    }

    private boolean due(String name, Duration between, Instant now) {
        Instant last = lastLines.get(name);
        boolean due = last == null || !now.isBefore(last.plus(between));
        if (due) {
            lastLines.put(name, now);
        }
        return due;
    }

    private static double share(Progress progress) {
        return progress.steps() == 0 ? 0 : Math.min(1, progress.step() / (double) progress.steps());
    }

    private static String line(String name, String text) {
        return String.format(Locale.ROOT, "%-17s %s", name, text);
    }

    /** Prints a line above the bars. */
    private void permanent(String line) {
        out.print(erase() + line + System.lineSeparator() + block());
        out.flush();
    }

    private void draw() {
        if (!lines().equals(drawn)) {
            out.print(erase() + block());
            out.flush();
        }
    }

    private String erase() {
        String up = drawn.isEmpty() ? "" : "\u001b[" + drawn.size() + "F" + ERASE_BELOW;
        drawn = List.of();
        return up;
    }

    private String block() {
        drawn = lines();
        return drawn.isEmpty() ? "" : NO_WRAP + String.join("\n", drawn) + "\n" + WRAP;
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (columns > 0) {
            running.forEach((task, progress) ->
                    lines.add(cut(line(task, ProgressText.withBar(progress, share(progress), columns)))));
            TimeLeft left = total;
            if (left != null && left.tasks() > 1) {
                String bar = left.isWhole() ? ProgressText.bar(columns, left.share()) : "";
                lines.add(cut(line(TOTAL, bar + left.text())));
            }
        }
        return lines;
    }

    /** The last column stays empty: some terminals wrap after it. */
    private String cut(String line) {
        return line.substring(0, Math.min(line.length(), columns - 1));
    }
}
