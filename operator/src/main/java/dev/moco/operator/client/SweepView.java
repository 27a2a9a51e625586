package dev.moco.operator.client;

import dev.moco.contract.Stage;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.Spread;
import dev.moco.operator.report.table.SweepTable;
import dev.moco.operator.report.table.SweepTable.Entry;
import dev.moco.operator.spec.VariedFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Experiments as a table of the fields in which they differ. */
public final class SweepView {
    /** Columns of {@code kubectl get} with numbers that are compared, by their heads. */
    private static final List<Map.Entry<String, String>> METRICS = List.of(
            Map.entry("top-1, %", "top1"), Map.entry("AP50", "ap50"), Map.entry("AP", "ap"), Map.entry("AP75", "ap75"));

    private static final Pattern NUMBER = Pattern.compile("(-?\\d+(?:\\.\\d+)?)(?:±(\\d+(?:\\.\\d+)?))?");

    private SweepView() {}

    /** The table; empty if the experiments differ in no field that defines results. */
    public static Optional<SweepTable> of(List<ExperimentView> experiments) {
        VariedFields fields =
                VariedFields.of(experiments.stream().map(ExperimentView::tree).toList());
        if (fields.paths().isEmpty()) {
            return Optional.empty();
        }
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < experiments.size(); i++) {
            ExperimentView experiment = experiments.get(i);
            entries.add(new Entry(experiment.name(), fields.values().get(i), numbers(experiment), note(experiment)));
        }
        return Optional.of(new SweepTable(fields.paths(), entries));
    }

    private static Map<String, Spread> numbers(ExperimentView experiment) {
        long trials = experiment.stages().stream()
                .filter(stage -> TaskState.SUCCEEDED.is(stage.state()) && isTrial(stage))
                .count();
        Map<String, Spread> numbers = new LinkedHashMap<>();
        METRICS.forEach(metric -> {
            Matcher number = NUMBER.matcher(experiment.summary(metric.getValue()));
            if (number.matches()) {
                boolean spread = number.group(2) != null;
                numbers.put(
                        metric.getKey(),
                        new Spread(
                                Double.parseDouble(number.group(1)),
                                spread ? Double.parseDouble(number.group(2)) : 0,
                                spread ? (int) trials : 1));
            }
        });
        return numbers;
    }

    private static boolean isTrial(StageView stage) {
        return Arrays.stream(Stage.values())
                .anyMatch(known -> known.hasTrials() && known.id().equals(stage.stage()));
    }

    private static String note(ExperimentView experiment) {
        return switch (experiment.state()) {
            case SUCCEEDED -> "";
            case FAILED -> "failed: " + experiment.summary("reason");
            case NEW, RUNNING, SUSPENDED, STALLED, CANCELED -> experiment.summary("stage") + " is not done";
        };
    }
}
