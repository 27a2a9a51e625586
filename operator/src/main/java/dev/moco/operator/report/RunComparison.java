package dev.moco.operator.report;

import dev.moco.contract.Manifest;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Compares a run with the recorded status of another run of the same experiment. */
public final class RunComparison {
    private static final String NONE = "–";

    private RunComparison() {}

    /** Two tables: the tasks by their keys and digests, and the metrics of either run. */
    public static List<String> lines(MoCoExperimentStatus recorded, ReportInput input) {
        List<String> lines = new ArrayList<>(tasks(recorded, input).lines());
        lines.add("");
        lines.addAll(metrics(recorded, input).lines());
        return lines;
    }

    private static TextTable tasks(MoCoExperimentStatus recorded, ReportInput input) {
        List<List<String>> rows = new ArrayList<>();
        for (StageStatus theirs : recorded.stages()) {
            rows.add(List.of(theirs.name(), verdict(theirs, input.run(theirs.name()))));
        }
        return new TextTable(List.of("TASK", "RESULT"), rows);
    }

    private static String verdict(StageStatus theirs, Optional<ReportInput.Run> run) {
        if (theirs.digest() == null) {
            return "not committed in the recorded run";
        }
        if (run.isEmpty()) {
            return "not committed here";
        }
        Manifest ours = run.get().manifest();
        if (same(theirs.digest(), ours.digest())) {
            return "same bytes";
        }
        return same(theirs.key(), ours.key())
                ? "other bytes of the same configuration and inputs"
                : "other key: its configuration, raw data or inputs differ";
    }

    /** A recorded hash may be its first twelve digits. */
    private static boolean same(@Nullable String recorded, String ours) {
        return recorded != null && recorded.length() >= 12 && ours.startsWith(recorded);
    }

    private static TextTable metrics(MoCoExperimentStatus recorded, ReportInput input) {
        Map<String, Metric> theirs = new TreeMap<>();
        recorded.metrics().forEach(metric -> theirs.put(metric.name(), metric));
        Map<String, Metric> ours = new TreeMap<>();
        Metrics.all(input).forEach(metric -> ours.put(metric.name(), metric));
        Map<String, Metric> either = new TreeMap<>(ours);
        either.putAll(theirs);
        List<List<String>> rows = new ArrayList<>();
        either.forEach((name, metric) -> {
            Metric recordedOne = theirs.get(name);
            Metric own = ours.get(name);
            rows.add(List.of(
                    name,
                    recordedOne == null ? NONE : number(recordedOne.value()),
                    own == null ? NONE : number(own.value()),
                    recordedOne == null || own == null ? "" : signed(own.value() - recordedOne.value()),
                    metric.unit()));
        });
        return new TextTable(List.of("METRIC", "RECORDED", "HERE", "DIFFERENCE", "UNIT"), rows);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /** Equal numbers, which are rounded to four decimals, differ by nothing. */
    private static String signed(double difference) {
        return Math.abs(difference) < 0.5e-4 ? "0" : String.format(Locale.ROOT, "%+.4f", difference);
    }
}
