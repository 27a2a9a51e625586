package dev.moco.operator.local;

import dev.moco.contract.Printable;
import dev.moco.contract.Progress;
import dev.moco.operator.report.StatusReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Progress of a task as text. */
final class ProgressText {
    /** Width of a task's name with the space after it. */
    private static final int NAME = 18;

    private static final int SHORTEST_BAR = 5;
    private static final int LONGEST_BAR = 30;
    /** Names of parts, the most important first: a narrow terminal has no room for the rest. */
    private static final List<String> ORDER =
            List.of("position", "left", "loss", "rate", "top-1", "data", "top-5", "step");

    private ProgressText() {}

    /** {@code training epoch 3/20 step 310/1560 loss 6.731 top-1 12.5 812 images/s data 3% ETA 1m05s}. */
    static String line(Progress progress) {
        Map<String, String> parts = parts(progress);
        parts.put("position", Printable.line(progress.phase()) + epoch(progress, " "));
        return String.join(" ", parts.values());
    }

    /**
     * A bar with what has room beside it: {@code ████░░░░░░░░░░░░░░░░  20% epoch 3/20 loss 6.731 ETA 1m05s}.
     *
     * @param share part that is done, 0 to 1
     * @param columns width of the terminal
     */
    static String withBar(Progress progress, double share, int columns) {
        Map<String, String> parts = parts(progress);
        String bar = progress.steps() == 0 ? "" : bar(columns, share);
        if (!bar.isEmpty() && columns < 2 * NAME + 80) {
            parts.remove("step"); // the bar says it
        }
        int room = columns - 1 - NAME - bar.length();
        List<String> chosen = new ArrayList<>();
        for (String name : ORDER) {
            String part = parts.get(name);
            if (part != null && part.length() <= room) {
                room -= part.length() + 1;
                chosen.add(name);
            }
        }
        parts.keySet().retainAll(chosen);
        return bar + String.join(" ", parts.values());
    }

    /** A bar with its percentage and a space. */
    static String bar(int columns, double share) {
        int width = Math.max(SHORTEST_BAR, Math.min(LONGEST_BAR, columns / 4));
        int full = (int) (share * width);
        return String.format(
                Locale.ROOT, "%s%s %3d%% ", "█".repeat(full), "░".repeat(width - full), (int) (share * 100));
    }

    /** Known parts, by their names in {@link #ORDER} and in the order of a line. */
    private static Map<String, String> parts(Progress progress) {
        Map<String, String> parts = new LinkedHashMap<>();
        String epoch = epoch(progress, "");
        parts.put(
                "position",
                progress.phase().equals(Progress.TRAINING) && !epoch.isEmpty()
                        ? epoch
                        : Printable.line(progress.phase()) + epoch(progress, " "));
        if (progress.step() > 0 || progress.steps() > 0) {
            parts.put("step", "step " + progress.step() + (progress.steps() > 0 ? "/" + progress.steps() : ""));
        }
        add(parts, "loss", "loss %.3f", progress.loss());
        add(parts, "top-1", "top-1 %.1f", progress.top1());
        add(parts, "top-5", "top-5 %.1f", progress.top5());
        add(parts, "rate", "%.0f images/s", progress.imagesPerSecond());
        Double wait = progress.dataWaitShare();
        add(parts, "data", "data %.0f%%", wait == null ? null : 100 * wait);
        if (progress.etaSeconds() != null) {
            parts.put("left", "ETA " + StatusReport.eta(progress.etaSeconds()));
        }
        return parts;
    }

    private static String epoch(Progress progress, String before) {
        int epochs = progress.epochs();
        return epochs > 1 ? before + "epoch " + Math.min(progress.epoch() + 1, epochs) + "/" + epochs : "";
    }

    private static void add(Map<String, String> parts, String name, String format, @Nullable Double value) {
        if (value != null) {
            parts.put(name, String.format(Locale.ROOT, format, value));
        }
    }
}
