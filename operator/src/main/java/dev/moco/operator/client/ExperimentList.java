package dev.moco.operator.client;

import dev.moco.operator.api.ConditionType;
import dev.moco.operator.report.TextTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Experiments, one line for each, with the columns of {@code kubectl get mocoexperiments}. */
public final class ExperimentList {
    private static final List<String> COLUMNS =
            List.of("NAME", "STAGE", "PROGRESS", "ETA", "TOP1", "AP50", "AP", "AP75", "READY", "AGE");
    private static final List<String> WIDE = List.of("LOSS", "IMG/S", "GPU-H", "VS-PAPER", "REASON");

    private ExperimentList() {}

    /**
     * Table sorted by namespace and name.
     *
     * @param wide true adds the columns of {@code -o wide}
     * @param namespaces true adds a column of namespaces
     */
    public static Frame of(List<ExperimentView> experiments, boolean wide, boolean namespaces, Instant now) {
        List<String> head = new ArrayList<>();
        if (namespaces) {
            head.add("NAMESPACE");
        }
        head.addAll(COLUMNS);
        if (wide) {
            head.addAll(WIDE);
        }
        List<List<String>> rows = experiments.stream()
                .sorted(Comparator.comparing(ExperimentView::namespace).thenComparing(ExperimentView::name))
                .map(experiment -> head.stream()
                        .map(column -> cell(experiment, column, now))
                        .toList())
                .toList();
        return new Frame(List.of(), new TextTable(head, rows), Set.of("AGE"), List.of());
    }

    private static String cell(ExperimentView experiment, String column, Instant now) {
        return switch (column) {
            case "NAMESPACE" -> experiment.namespace();
            case "NAME" -> experiment.name();
            case "READY" -> experiment.conditionStatus(ConditionType.READY);
            case "AGE" -> experiment.age(now);
            case "IMG/S" -> experiment.summary("imagesPerSecond");
            case "GPU-H" -> experiment.summary("gpuHours");
            case "VS-PAPER" -> experiment.summary("versusPaper");
            default -> experiment.summary(column.toLowerCase(Locale.ROOT));
        };
    }
}
