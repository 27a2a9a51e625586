package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.StageFailure;
import dev.moco.operator.report.PaperRow;
import dev.moco.operator.report.PaperTables;
import dev.moco.operator.spec.ExperimentReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Experiments as one Markdown table with the columns of the paper's Tables 1 and 2. */
public final class PaperTable {
    private static final List<String> COLUMNS = List.of(
            "experiment",
            "row",
            "method",
            "MLP",
            "aug+",
            "cos",
            "T",
            "epochs",
            "batch",
            "untrained",
            "top-1",
            "AP50",
            "AP",
            "AP75");

    /** Heads and augmentations that the paper's Table 2 marks. */
    private static final Set<Head> MLP = Set.of(Head.MLP, Head.BATCH_NORM_MLP);

    private static final Set<Augmentation> STRONGER = Set.of(Augmentation.AUG_PLUS, Augmentation.SIMCLR);

    private static final String TOP1 = "Linear top-1, best";

    /** Prefixes of result names, in the order of the last columns. */
    private static final List<String> METRICS = List.of(TOP1, "VOC07 AP50,", "VOC07 AP,", "VOC07 AP75,");

    /** Cells of an experiment with the encoder of a file, from its row to its batch. */
    private static final List<String> NO_PRETRAINING = List.of("", "", "", "", "", "", "", "");

    private PaperTable() {}

    /** Table sorted by name; beside each metric that the paper has stand the paper's and the difference. */
    public static String of(List<ExperimentView> experiments) {
        StringBuilder text = new StringBuilder();
        line(text, COLUMNS);
        text.append("|").append("---|".repeat(COLUMNS.size())).append("\n");
        experiments.stream()
                .sorted(Comparator.comparing(ExperimentView::name).thenComparing(ExperimentView::namespace))
                .forEach(experiment -> line(text, row(experiment)));
        return text.toString();
    }

    private static List<String> row(ExperimentView experiment) {
        List<String> cells = new ArrayList<>(List.of(experiment.name()));
        try {
            cells.addAll(configuration(ExperimentReader.read(experiment.tree(), Optional.of(Path.of("/")))
                    .experiment()));
        } catch (StageFailure e) {
            // A newer operator may report other metrics; print them as they are.
            cells.addAll(List.of("", "?", "?", "?", "?", "?", "?", "?"));
        }
        cells.add(result(experiment, TOP1)
                .map(top1 -> top1.path("untrained").asText(""))
                .orElse(""));
        METRICS.forEach(metric -> cells.add(value(experiment, metric)));
        return cells;
    }

    private static List<String> configuration(Experiment experiment) {
        String row = PaperTables.rowOf(experiment).map(PaperRow::name).orElse("");
        return experiment
                .pretrain()
                .map(pretrain -> configuration(row, pretrain))
                .orElse(NO_PRETRAINING);
    }

    private static List<String> configuration(String row, PretrainConfig pretrain) {
        double temperature = pretrain.contrast().temperature();
        return List.of(
                row,
                pretrain.method().title(),
                check(MLP.contains(pretrain.head())),
                check(STRONGER.contains(pretrain.augmentation())),
                check(pretrain.optimizer().schedule() != Schedule.STEP),
                temperature == 0 ? "" : Double.toString(temperature),
                Integer.toString(pretrain.epochs()),
                Integer.toString(pretrain.batchSize()));
    }

    private static String check(boolean set) {
        return set ? "✓" : "";
    }

    private static String value(ExperimentView experiment, String metric) {
        return result(experiment, metric)
                .map(PaperTable::text)
                .orElse(experiment.state().ended() ? "" : "…");
    }

    private static Optional<JsonNode> result(ExperimentView experiment, String metric) {
        for (JsonNode result : experiment.status().path("results")) {
            if (result.path("metric").asText("").startsWith(metric)) {
                return Optional.of(result);
            }
        }
        return Optional.empty();
    }

    private static String text(JsonNode result) {
        String paper = result.path("paper").asText("");
        return result.path("value").asText("")
                + (paper.isEmpty()
                        ? ""
                        : " (" + paper + ", " + result.path("difference").asText("") + ")");
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("|");
        cells.forEach(cell -> text.append(" ").append(cell.replace("|", "\\|")).append(" |"));
        text.append("\n");
    }
}
