package dev.moco.operator.report;

import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.operator.report.PaperRow.Published;
import dev.moco.operator.report.table.ResultsTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Layouts of the paper's tables (docs/method.md §4): rows, columns and published numbers. */
public enum PublishedTable {
    TABLE_1("1", "Table 1: ablation of MoCo"),
    TABLE_2("2", "Table 2: MoCo and SimCLR"),
    TABLE_3("3", "Table 3: memory and time on 8 GPUs"),
    TEMPERATURE("temperature", "Temperature: ImageNet top-1, 200 epochs");

    private static final List<TableMetric> WITH_VOC =
            List.of(TableMetric.TOP1, TableMetric.AP50, TableMetric.AP, TableMetric.AP75);

    /** Name on the command line. */
    private final String id;

    private final String title;

    PublishedTable(String id, String title) {
        this.id = id;
        this.title = title;
    }

    /** The table of that name; empty for another name. */
    public static Optional<PublishedTable> of(String id) {
        return Stream.of(values()).filter(table -> table.id.equals(id)).findFirst();
    }

    /** The table with the numbers of experiments. */
    public ResultsTable with(List<TableEntry> entries) {
        return new TableFiller(this, entries).table();
    }

    String title() {
        return title;
    }

    /** Heads of the columns that say which experiment a row is. */
    List<String> keys() {
        return switch (this) {
            case TABLE_1 -> List.of("case", "MLP", "aug+", "cos", "epochs");
            case TABLE_2 -> List.of("case", "MLP", "aug+", "cos", "epochs", "batch");
            case TABLE_3 -> List.of("mechanism", "batch");
            case TEMPERATURE -> List.of("temperature");
        };
    }

    /** Heads of the columns of numbers. */
    List<String> columns() {
        return switch (this) {
            case TABLE_1 -> WITH_VOC.stream().map(TableMetric::column).toList();
            case TABLE_2 -> List.of(TableMetric.TOP1.column());
            case TABLE_3 -> List.of(TableMetric.MEMORY.column(), TableMetric.HOURS.column());
            case TEMPERATURE -> List.of("without MLP, %", "with MLP, %");
        };
    }

    /**
     * A row of the table.
     *
     * @param name name in a sentence
     * @param printed one for each column
     */
    record Line(String name, List<String> keys, List<Printed> printed) {}

    /**
     * Number of the paper, and the experiment that it is of.
     *
     * @param row experiment
     * @param metric its number
     * @param paper the published one; null where the paper has none
     * @param ownWeights false if the published one is of other weights than the row's own
     */
    record Printed(
            PaperRow row, TableMetric metric, @Nullable Published paper, boolean ownWeights) {}

    List<Line> lines() {
        return switch (this) {
            case TABLE_1 ->
                Stream.of("supervised", "MoCo v1", "(a)", "(b)", "(c)", "(d)", "(e)")
                        .map(name -> accuracies(name, row(name), WITH_VOC, false))
                        .toList();
            case TABLE_2 ->
                List.of(
                        accuracies("MoCo v1", row("MoCo v1"), List.of(TableMetric.TOP1), true),
                        accuracies("SimCLR", row("SimCLR 256"), List.of(TableMetric.TOP1), true),
                        accuracies("SimCLR", row("SimCLR 8192"), List.of(TableMetric.TOP1), true),
                        accuracies("MoCo v2", row("(d)"), List.of(TableMetric.TOP1), true),
                        accuracies("SimCLR", row("SimCLR 4096"), List.of(TableMetric.TOP1), true),
                        accuracies("MoCo v2", row("(e)"), List.of(TableMetric.TOP1), true));
            case TABLE_3 ->
                List.of(
                        costs("MoCo", row("(d)"), 5.0, 53.0),
                        costs("end-to-end", row("end-to-end 256"), 7.4, 65.0),
                        // An estimate of the paper's.
                        costs("end-to-end", row("end-to-end 4096"), 93.0, null));
            case TEMPERATURE -> temperatures();
        };
    }

    private static PaperRow row(String name) {
        return PaperTables.all().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Line accuracies(String name, PaperRow row, List<TableMetric> metrics, boolean batch) {
        PretrainConfig pretrain = row.pretrain();
        boolean supervised = pretrain.head() == Head.CLASSES;
        List<String> keys = new ArrayList<>(List.of(
                name,
                check(pretrain.head() != Head.FC && !supervised),
                // The paper marks SimCLR's stronger distortion as aug+ too.
                check(pretrain.augmentation() != Augmentation.V1 && !supervised),
                check(pretrain.optimizer().schedule() != Schedule.STEP),
                supervised ? "" : Integer.toString(pretrain.epochs())));
        if (batch) {
            keys.add(Integer.toString(pretrain.batchSize()));
        }
        String sentence = batch ? name + " " + pretrain.batchSize() + ", " + pretrain.epochs() + " epochs" : name;
        return new Line(
                sentence,
                keys,
                metrics.stream().map(metric -> accuracy(row, metric)).toList());
    }

    private static String check(boolean set) {
        return set ? "✓" : "";
    }

    private static Printed accuracy(PaperRow row, TableMetric metric) {
        PaperRow.Voc voc = row.voc();
        if (metric == TableMetric.TOP1 || voc == null) {
            return new Printed(row, metric, row.top1(), true);
        }
        double value = switch (metric) {
            case AP50 -> voc.ap50();
            case AP -> voc.ap();
            default -> voc.ap75();
        };
        return new Printed(
                row,
                metric,
                Published.around(value, value, PaperRow.VOC_BAND),
                row.comparableVoc().isPresent());
    }

    private static Line costs(String mechanism, PaperRow row, double memory, @Nullable Double hours) {
        String batch = Integer.toString(row.pretrain().batchSize());
        return new Line(
                mechanism + " " + batch,
                List.of(mechanism, batch),
                List.of(
                        new Printed(row, TableMetric.MEMORY, exactly(memory), true),
                        new Printed(row, TableMetric.HOURS, hours == null ? null : exactly(hours), true)));
    }

    private static Published exactly(double value) {
        return new Published(value, value, value);
    }

    private static List<Line> temperatures() {
        List<Line> lines = new ArrayList<>();
        for (double[] published : PaperTables.TEMPERATURES) {
            String temperature = Double.toString(published[0]);
            lines.add(new Line(
                    "τ " + temperature,
                    List.of(temperature),
                    Stream.of(Head.FC, Head.MLP)
                            .map(head -> PaperTables.rowOf(
                                            PaperConfigs.moco(head, Augmentation.V1, Schedule.STEP, 200, published[0]))
                                    .orElseThrow())
                            .map(row -> accuracy(row, TableMetric.TOP1))
                            .toList()));
        }
        return lines;
    }
}
