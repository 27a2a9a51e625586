package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Experiment;
import dev.moco.contract.StageFailure;
import dev.moco.operator.api.ConditionType;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.report.PaperRow;
import dev.moco.operator.report.PaperTables;
import dev.moco.operator.report.Reproduced;
import dev.moco.operator.report.Spread;
import dev.moco.operator.report.TableCost;
import dev.moco.operator.report.TableEntry;
import dev.moco.operator.report.TableMetric;
import dev.moco.operator.report.TrainingCost;
import dev.moco.operator.spec.ExperimentReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads an experiment of a cluster for the tables of the paper, from the numbers of its status. */
final class StatusEntry {
    /** Metrics by their names in a status; a number is compared where the paper's is beside it. */
    private static final Map<String, TableMetric> METRICS = Map.of(
            "linear.top1.best", TableMetric.TOP1,
            "pretrain.validation.top1", TableMetric.TOP1,
            "detect.voc07.ap50", TableMetric.AP50,
            "detect.voc07.ap", TableMetric.AP,
            "detect.voc07.ap75", TableMetric.AP75);

    private StatusEntry() {}

    static TableEntry of(ExperimentView view) {
        try {
            // Folders of the cluster are not listed here.
            return of(
                    view,
                    ExperimentReader.read(view.tree(), Optional.of(Path.of("/")))
                            .experiment());
        } catch (StageFailure e) {
            return entry(view, Optional.empty(), Map.of(), Optional.empty(), List.of("of another version"));
        }
    }

    private static TableEntry of(ExperimentView view, Experiment experiment) {
        Optional<PaperRow> row = PaperTables.rowOf(experiment);
        Optional<Condition> differs = view.condition(ConditionType.REPRODUCED)
                .filter(condition -> Reproduced.SAYS_WHAT_DIFFERS.contains(condition.reason()));
        Map<TableMetric, Spread> numbers = new EnumMap<>(TableMetric.class);
        boolean otherData = differs.filter(condition -> condition.reason().equals(Reproduced.OTHER_DATA))
                .isPresent();
        for (JsonNode metric : view.status().path("metrics")) {
            TableMetric cell = METRICS.get(metric.path("name").asText());
            if (cell != null
                    && row.isPresent()
                    && !otherData
                    && metric.path("paper").isNumber()) {
                numbers.put(cell, ExperimentView.spread(metric));
            }
        }
        return entry(
                view,
                row,
                numbers,
                cost(view, experiment),
                differs.map(condition -> List.of(condition.message())).orElse(List.of()));
    }

    private static TableEntry entry(
            ExperimentView view,
            Optional<PaperRow> row,
            Map<TableMetric, Spread> numbers,
            Optional<TableCost> cost,
            List<String> notes) {
        List<String> all = new ArrayList<>(notes);
        if (row.isEmpty() && all.isEmpty()) {
            all.add("no row of the paper is known from its status");
        }
        // The loss is known once pre-training has begun; then its cost is no longer that of the whole.
        boolean pretrained = !view.summary("loss").isEmpty();
        return new TableEntry(view.name(), row, numbers, cost, pretrained, OptionalDouble.empty(), all);
    }

    private static Optional<TableCost> cost(ExperimentView view, Experiment experiment) {
        Optional<Double> allocated = number(view, TrainingCost.ALLOCATED);
        Optional<Double> measured = number(view, TrainingCost.HOURS);
        Optional<Double> hours = measured.or(() -> number(view, TrainingCost.HOURS_PROJECTED));
        return experiment
                .pretrain()
                .filter(config -> hours.isPresent())
                .map(config -> new TableCost(
                        config,
                        allocated.or(() -> number(view, TrainingCost.IN_USE)).orElse(null),
                        allocated.isEmpty(),
                        hours.get(),
                        measured.isEmpty(),
                        conditions(view)));
    }

    private static Optional<Double> number(ExperimentView view, String name) {
        return view.metric(name).map(metric -> metric.path("value").asDouble());
    }

    /** Devices, precision and batch, a text. */
    private static String conditions(ExperimentView view) {
        for (JsonNode result : view.status().path("results")) {
            if (result.path("metric").asText("").equals(TrainingCost.CONDITIONS)) {
                return result.path("value").asText("");
            }
        }
        return "";
    }
}
