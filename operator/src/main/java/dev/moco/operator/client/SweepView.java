package dev.moco.operator.client;

import dev.moco.operator.report.Spread;
import dev.moco.operator.report.table.SweepTable;
import dev.moco.operator.report.table.SweepTable.Entry;
import dev.moco.operator.spec.VariedFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Experiments as a table of the fields in which they differ. */
public final class SweepView {
    private static final String KNN = "kNN top-1, %";
    /** Heads of the columns by the metrics of a status that are compared, in their order. */
    private static final Map<String, String> METRICS = metrics();

    private SweepView() {}

    private static Map<String, String> metrics() {
        Map<String, String> heads = new LinkedHashMap<>();
        heads.put("linear.top1.best", "top-1, %");
        heads.put("pretrain.validation.top1", "validation top-1, %");
        heads.put("pretrain.knn.top1", KNN);
        heads.put("knn.top1", KNN);
        heads.put("detect.voc07.ap50", "AP50");
        heads.put("detect.voc07.ap", "AP");
        heads.put("detect.voc07.ap75", "AP75");
        return heads;
    }

    /** The table; empty if the experiments differ in no field that defines results. */
    public static Optional<SweepTable> of(List<ExperimentView> experiments) {
        VariedFields fields =
                VariedFields.of(experiments.stream().map(ExperimentView::tree).toList());
        return fields.paths().isEmpty()
                ? Optional.empty()
                : Optional.of(of(experiments, fields.paths(), fields.values()));
    }

    /**
     * The table of fields that are known.
     *
     * @param values for each experiment its values, in the order of the fields
     */
    public static SweepTable of(List<ExperimentView> experiments, List<String> fields, List<List<String>> values) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < experiments.size(); i++) {
            ExperimentView experiment = experiments.get(i);
            entries.add(new Entry(experiment.name(), values.get(i), numbers(experiment), note(experiment)));
        }
        return new SweepTable(fields, entries);
    }

    private static Map<String, Spread> numbers(ExperimentView experiment) {
        Map<String, Spread> numbers = new LinkedHashMap<>();
        METRICS.forEach((name, head) ->
                experiment.metric(name).ifPresent(metric -> numbers.put(head, ExperimentView.spread(metric))));
        return numbers;
    }

    private static String note(ExperimentView experiment) {
        return switch (experiment.state()) {
            case SUCCEEDED -> "";
            case FAILED -> "failed: " + experiment.summary("reason");
            case NEW, RUNNING, SUSPENDED, STALLED, CANCELED -> experiment.summary("stage") + " is not done";
        };
    }
}
