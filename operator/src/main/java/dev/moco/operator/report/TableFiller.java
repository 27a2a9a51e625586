package dev.moco.operator.report;

import dev.moco.contract.PretrainMethod;
import dev.moco.contract.Table3;
import dev.moco.operator.report.PublishedTable.Line;
import dev.moco.operator.report.PublishedTable.Printed;
import dev.moco.operator.report.table.ResultsTable;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Missing;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Fills the layout of a table with the numbers of experiments. */
final class TableFiller {
    private static final double MOCO_HOURS = 53;
    private static final double END_TO_END_HOURS = 65;

    private final PublishedTable layout;
    private final List<TableEntry> entries;

    TableFiller(PublishedTable layout, List<TableEntry> entries) {
        this.layout = layout;
        this.entries = List.copyOf(entries);
    }

    ResultsTable table() {
        List<Row> rows = new ArrayList<>();
        List<Missing> missing = new ArrayList<>();
        for (Line line : layout.lines()) {
            List<Cell> cells = line.printed().stream().map(this::cell).toList();
            rows.add(new Row(line.keys(), cells));
            Map<PaperRow, List<String>> without = new LinkedHashMap<>();
            for (int i = 0; i < cells.size(); i++) {
                if (cells.get(i).ours() == null) {
                    without.computeIfAbsent(line.printed().get(i).row(), row -> new ArrayList<>())
                            .add(layout.columns().get(i));
                }
            }
            without.forEach((row, columns) -> missing.add(missing(line.name(), row, columns)));
        }
        return new ResultsTable(
                layout.title(),
                layout.keys(),
                layout.columns(),
                rows,
                missing,
                notes(),
                layout == PublishedTable.TEMPERATURE);
    }

    private Cell cell(Printed printed) {
        List<Spread> all = entries.stream()
                .map(entry -> number(entry, printed))
                .flatMap(Optional::stream)
                .toList();
        Spread ours = all.isEmpty()
                ? null
                // Trials are of one encoder, seeds of several: the two are not mixed.
                : all.size() == 1
                        ? all.get(0)
                        : Spread.of(all.stream().map(Spread::mean).toList());
        return new Cell(
                ours,
                printed.paper() == null ? null : (Double) printed.paper().value(),
                significance(printed, ours),
                ours == null ? "" : mark(printed));
    }

    private String mark(Printed printed) {
        Stream<TableCost> costs = entries.stream().flatMap(entry -> entry.cost(printed.row()).stream());
        return switch (printed.metric()) {
            case MEMORY -> costs.anyMatch(TableCost::bound) ? "≤" : "";
            case HOURS -> costs.anyMatch(TableCost::projected) ? "~" : "";
            case TOP1, AP50, AP, AP75 -> "";
        };
    }

    private static Significance significance(Printed printed, @Nullable Spread ours) {
        boolean cost = printed.metric() == TableMetric.MEMORY || printed.metric() == TableMetric.HOURS;
        return ours == null || printed.paper() == null || cost || !printed.ownWeights()
                ? Significance.NONE
                : printed.paper().significance(ours.mean());
    }

    private static Optional<Spread> number(TableEntry entry, Printed printed) {
        return switch (printed.metric()) {
            case MEMORY -> entry.cost(printed.row()).map(TableCost::gib).map(TableFiller::one);
            case HOURS -> entry.cost(printed.row()).map(TableCost::hours).map(TableFiller::one);
            case TOP1, AP50, AP, AP75 -> entry.number(printed.row(), printed.metric());
        };
    }

    private static Spread one(double value) {
        return new Spread(value, 0, 1);
    }

    /** Cost of missing cells: by a forecast, else what the paper took for the pre-training, else unknown. */
    private Missing missing(String name, PaperRow row, List<String> columns) {
        List<TableEntry> own = entries.stream().filter(entry -> entry.isOf(row)).toList();
        Optional<Double> forecast = own.stream()
                .filter(entry -> entry.hoursLeft().isPresent())
                .map(entry -> entry.hoursLeft().getAsDouble())
                .filter(hours -> hours > 0)
                .findFirst();
        if (forecast.isPresent()) {
            return new Missing(name, columns, forecast.get(), "hours on this machine by the plan's forecast");
        }
        Double paper = own.stream().anyMatch(TableEntry::pretrained) ? null : paperHours(row);
        return paper == null
                ? new Missing(name, columns, null, "unknown cost")
                : new Missing(
                        name,
                        columns,
                        paper * Table3.GPUS * row.pretrain().epochs() / Table3.EPOCHS,
                        "GPU-hours for the pre-training, by the paper's time on 8 V100");
    }

    private static @Nullable Double paperHours(PaperRow row) {
        boolean papersBatch = row.pretrain().batchSize() == 256;
        if (row.pretrain().method() instanceof PretrainMethod.MoCo) {
            return MOCO_HOURS;
        }
        return row.pretrain().method() instanceof PretrainMethod.EndToEnd && papersBatch ? END_TO_END_HOURS : null;
    }

    private List<String> notes() {
        return layout == PublishedTable.TABLE_3 ? costNotes() : accuracyNotes();
    }

    private List<String> accuracyNotes() {
        Set<PaperRow> rows = layout.lines().stream()
                .flatMap(line -> line.printed().stream())
                .map(Printed::row)
                .collect(Collectors.toSet());
        Stream<String> foreign = rows.stream()
                .map(PaperRow::voc)
                .filter(Objects::nonNull)
                .map(PaperRow.Voc::otherWeights)
                .filter(weights -> !weights.isEmpty() && layout == PublishedTable.TABLE_1)
                .map(weights -> "The paper's supervised AP50, AP and AP75 are of " + weights + ".");
        Stream<String> left = entries.stream()
                .filter(entry -> !entry.notes().isEmpty()
                        || entry.row().filter(rows::contains).isEmpty())
                .map(entry -> entry.name() + ": "
                        + (entry.notes().isEmpty()
                                ? entry.row().map(PaperRow::text).orElse("") + ", which is not in this table"
                                : String.join("; ", entry.notes())));
        return Stream.concat(foreign, left).toList();
    }

    private List<String> costNotes() {
        List<String> notes = new ArrayList<>();
        notes.add(
                "Memory is what live tensors take at most, in GiB (≤: all that was in use, where the engine tells no more);"
                        + " the paper's is in GB, and it does not say of what; 93.0 is its estimate. ~ is projected from measured"
                        + " steps.");
        for (TableEntry entry : entries) {
            boolean inTable = layout.lines().stream()
                    .flatMap(line -> line.printed().stream())
                    .anyMatch(printed -> entry.cost(printed.row()).isPresent());
            notes.add(entry.name() + ": "
                    + entry.cost()
                            .map(cost -> cost.conditions() + (inTable ? "" : ", the steps of no row"))
                            .orElse("no steps measured on a GPU"));
        }
        return notes;
    }
}
