package dev.moco.operator.local;

import dev.moco.contract.Printable;
import dev.moco.contract.Progress;
import dev.moco.operator.report.StatusReport;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows the progress of running stages: bars on a terminal, lines if the output is piped. */
public final class ProgressDisplay {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

    private final PrintStream out;
    private final boolean terminal;
    private final Map<String, ProgressBar> bars = new HashMap<>();
    private final Map<String, Instant> lastLines = new HashMap<>();

    public ProgressDisplay(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Prints one line for a transition, such as a start, a cache hit or an end. */
    public void event(String task, String text) {
        ProgressBar bar = bars.remove(task);
        if (bar != null) {
            bar.close();
        }
        out.printf(Locale.ROOT, "%-17s %s%n", task, Printable.line(text));
    }

    /** Shows the newest progress of a running task. */
    public void progress(String task, Progress progress, Instant now) {
        if (terminal) {
            ProgressBar bar = bars.computeIfAbsent(task, ProgressDisplay::bar);
            bar.maxHint(progress.steps());
            bar.stepTo(progress.step());
            bar.setExtraMessage((position(progress) + " " + metrics(progress)).strip());
        } else if (due(lastLines.get(task), now)) {
            lastLines.put(task, now);
            out.printf(Locale.ROOT, "%-17s %s%n", task, line(progress));
        }
    }

    private static boolean due(@Nullable Instant last, Instant now) {
        return last == null || !now.isBefore(last.plus(BETWEEN_LINES));
    }

    private static ProgressBar bar(String task) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(500)
                .continuousUpdate()
                .build();
    }

    /** {@code training epoch 3/20 step 310/1560 loss 6.731 top-1 12.5 812 images/s data 3% ETA 1m05s}. */
    static String line(Progress progress) {
        List<String> parts = new ArrayList<>(List.of(position(progress)));
        parts.add("step " + progress.step() + (progress.steps() > 0 ? "/" + progress.steps() : ""));
        parts.add(metrics(progress));
        if (progress.etaSeconds() != null) {
            parts.add("ETA " + StatusReport.eta(progress.etaSeconds()));
        }
        return String.join(" ", parts).strip();
    }

    private static String position(Progress progress) {
        int epochs = progress.epochs();
        return Printable.line(progress.phase())
                + (epochs > 1 ? " epoch " + Math.min(progress.epoch() + 1, epochs) + "/" + epochs : "");
    }

    private static String metrics(Progress progress) {
        List<String> parts = new ArrayList<>();
        add(parts, "loss %.3f", progress.loss());
        add(parts, "top-1 %.1f", progress.top1());
        add(parts, "top-5 %.1f", progress.top5());
        add(parts, "%.0f images/s", progress.imagesPerSecond());
        Double wait = progress.dataWaitShare();
        add(parts, "data %.0f%%", wait == null ? null : 100 * wait);
        return String.join(" ", parts);
    }

    private static void add(List<String> parts, String format, @Nullable Double value) {
        if (value != null) {
            parts.add(String.format(Locale.ROOT, format, value));
        }
    }

    /** Closes the bars. */
    public void end() {
        bars.values().forEach(ProgressBar::close);
        bars.clear();
    }
}
