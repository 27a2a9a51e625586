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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads an experiment of a cluster for the tables of the paper, from the texts of its status. */
final class StatusEntry {
    /** Metrics by the beginning of their names in a status; a number is compared where the paper's is beside it. */
    private static final Map<String, TableMetric> METRICS = Map.of(
            "Linear top-1, best", TableMetric.TOP1,
            "Validation top-1", TableMetric.TOP1,
            "VOC07 AP50,", TableMetric.AP50,
            "VOC07 AP,", TableMetric.AP,
            "VOC07 AP75,", TableMetric.AP75);

    private static final Pattern NUMBER = Pattern.compile("(-?\\d+(?:\\.\\d+)?)(?:±(\\d+(?:\\.\\d+)?))?.*");
    private static final Pattern TRIALS = Pattern.compile(".*, (\\d+) trials?");

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
        for (JsonNode result : view.status().path("results")) {
            if (row.isPresent()
                    && !otherData
                    && !result.path("paper").asText("").isEmpty()) {
                METRICS.forEach((prefix, metric) -> {
                    if (result.path("metric").asText("").startsWith(prefix)) {
                        spread(result).ifPresent(spread -> numbers.put(metric, spread));
                    }
                });
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

    private static Optional<Spread> spread(JsonNode result) {
        Matcher value = NUMBER.matcher(result.path("value").asText(""));
        Matcher trials = TRIALS.matcher(result.path("metric").asText(""));
        return value.matches()
                ? Optional.of(new Spread(
                        Double.parseDouble(value.group(1)),
                        value.group(2) == null ? 0 : Double.parseDouble(value.group(2)),
                        trials.matches() ? Integer.parseInt(trials.group(1)) : 1))
                : Optional.empty();
    }

    private static Optional<TableCost> cost(ExperimentView view, Experiment experiment) {
        Optional<Double> allocated = number(view, TrainingCost.ALLOCATED);
        Optional<Double> hours = number(view, TrainingCost.HOURS);
        return experiment
                .pretrain()
                .filter(config -> hours.isPresent())
                .map(config -> new TableCost(
                        config,
                        allocated.or(() -> number(view, TrainingCost.IN_USE)).orElse(null),
                        allocated.isEmpty(),
                        hours.get(),
                        value(view, TrainingCost.HOURS).contains(TrainingCost.PROJECTED),
                        value(view, TrainingCost.CONDITIONS)));
    }

    private static Optional<Double> number(ExperimentView view, String metric) {
        Matcher value = NUMBER.matcher(value(view, metric));
        return value.matches() ? Optional.of(Double.parseDouble(value.group(1))) : Optional.empty();
    }

    private static String value(ExperimentView view, String metric) {
        for (JsonNode result : view.status().path("results")) {
            if (result.path("metric").asText("").equals(metric)) {
                return result.path("value").asText("");
            }
        }
        return "";
    }
}
