package dev.moco.operator.report.table;

import dev.moco.operator.report.Significance;
import dev.moco.operator.report.Spread;
import dev.moco.operator.report.TextTable;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Results of experiments that differ in a few fields: a row for each combination of their values. Experiments that differ in a
 * seed alone are one row, with the mean and the deviation.
 */
public final class SweepTable {
    private static final String SEED = "seed";
    /** Width of the scale of a plot in text, in characters. */
    private static final int SCALE = 40;

    private final List<String> fields;
    private final List<Entry> entries;
    private final List<Integer> keys;

    /**
     * Creates a table.
     *
     * @param fields paths of the fields, at least one
     */
    public SweepTable(List<String> fields, List<Entry> entries) {
        this.fields = List.copyOf(fields);
        this.entries = List.copyOf(entries);
        List<Integer> notSeeds = IntStream.range(0, fields.size())
                .filter(i -> !lastPart(fields.get(i)).equals(SEED))
                .boxed()
                .toList();
        this.keys =
                notSeeds.isEmpty() ? IntStream.range(0, fields.size()).boxed().toList() : notSeeds;
    }

    /**
     * An experiment.
     *
     * @param name name
     * @param values values of the fields
     * @param numbers numbers by the heads of their columns
     * @param note what is not done; empty once all is
     */
    public record Entry(String name, List<String> values, Map<String, Spread> numbers, String note) {
        public Entry {
            values = List.copyOf(values);
            numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
        }
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** Last part of a path, the whole path where another one ends in the same. */
    private String name(int field) {
        String last = lastPart(fields.get(field));
        boolean shared =
                fields.stream().filter(path -> lastPart(path).equals(last)).count() > 1;
        return shared ? fields.get(field) : last;
    }

    private List<String> columns() {
        Set<String> columns = new LinkedHashSet<>();
        entries.forEach(entry -> columns.addAll(entry.numbers().keySet()));
        return List.copyOf(columns);
    }

    private Map<List<String>, List<Entry>> groups() {
        return entries.stream()
                .collect(Collectors.groupingBy(
                        entry -> keys.stream().map(entry.values()::get).toList(),
                        LinkedHashMap::new,
                        Collectors.toList()));
    }

    /** The table. */
    public ResultsTable table() {
        List<Row> rows = new ArrayList<>();
        groups().forEach((values, group) -> rows.add(new Row(
                values, columns().stream().map(column -> cell(group, column)).toList())));
        return new ResultsTable(
                keys.stream().map(this::name).collect(Collectors.joining(" and ")),
                keys.stream().map(this::name).toList(),
                columns(),
                sorted(rows),
                List.of(),
                notes(),
                false);
    }

    /** Mean and deviation of all where each row is a seed, then a line for each experiment that is not done. */
    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (keys.stream().allMatch(key -> lastPart(fields.get(key)).equals(SEED))) {
            columns().forEach(column -> {
                Spread all = cell(entries, column).ours();
                if (all != null && all.count() > 1) {
                    notes.add(column + " of all seeds: " + all.text());
                }
            });
        }
        entries.stream()
                .filter(entry -> !entry.note().isEmpty())
                .forEach(entry -> notes.add(entry.name() + ": " + entry.note()));
        return notes;
    }

    /** The first numbers over the first field, with a column for each combination of the others; empty without numbers. */
    public Optional<ResultsTable> plot() {
        Optional<String> metric = columns().stream().findFirst();
        if (metric.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Map<String, List<Entry>>> byFirst = new LinkedHashMap<>();
        Set<String> series = new LinkedHashSet<>();
        groups().forEach((values, group) -> {
            String others = IntStream.range(1, values.size())
                    .mapToObj(i -> name(keys.get(i)) + " " + values.get(i))
                    .collect(Collectors.joining(", "));
            series.add(others);
            byFirst.computeIfAbsent(values.get(0), value -> new LinkedHashMap<>())
                    .computeIfAbsent(others, other -> new ArrayList<>())
                    .addAll(group);
        });
        List<Row> rows = new ArrayList<>();
        byFirst.forEach((value, groups) -> rows.add(new Row(
                List.of(value),
                series.stream()
                        .map(others -> cell(groups.getOrDefault(others, List.of()), metric.get()))
                        .toList())));
        return Optional.of(new ResultsTable(
                metric.get() + " over " + name(keys.get(0)),
                List.of(name(keys.get(0))),
                series.stream()
                        .map(others -> others.isEmpty() ? metric.get() : others)
                        .toList(),
                sorted(rows),
                List.of(),
                List.of(),
                true));
    }

    /** In the order of the first key if that is a number, else in that of the experiments. */
    private static List<Row> sorted(List<Row> rows) {
        return rows.stream().allMatch(row -> TableHtml.number(row).isPresent())
                ? rows.stream()
                        .sorted(Comparator.comparing(
                                row -> TableHtml.number(row).orElseThrow()))
                        .toList()
                : rows;
    }

    private static Cell cell(List<Entry> group, String column) {
        List<Spread> numbers = group.stream()
                .flatMap(entry -> Optional.ofNullable(entry.numbers().get(column)).stream())
                .toList();
        Spread ours = numbers.size() < 2
                ? numbers.stream().findFirst().orElse(null)
                : Spread.of(numbers.stream().map(Spread::mean).toList());
        return new Cell(ours, null, Significance.NONE, "");
    }

    /** The table as one HTML file, with its plot. */
    public String html() {
        return TableHtml.of(table(), plot());
    }

    /** The table as lines of text, then what is not done, then the plot. */
    public List<String> lines() {
        ResultsTable table = table();
        List<String> head = new ArrayList<>();
        table.keys().forEach(key -> head.add(key.toUpperCase(Locale.ROOT)));
        table.columns().forEach(column -> head.add(column.toUpperCase(Locale.ROOT)));
        List<String> lines = new ArrayList<>(new TextTable(
                        head,
                        table.rows().stream()
                                .map(row -> {
                                    List<String> cells = new ArrayList<>(row.keys());
                                    row.cells().forEach(cell -> cells.add(cell.oursText()));
                                    return cells;
                                })
                                .toList())
                .lines());
        lines.addAll(table.notes());
        plot().ifPresent(plot -> {
            lines.add("");
            lines.add(plot.title());
            lines.addAll(points(plot));
        });
        return lines;
    }

    /** A line for each number, with a point on a scale from the least to the greatest. */
    private static List<String> points(ResultsTable plot) {
        List<List<String>> rows = new ArrayList<>();
        double[] all = plot.rows().stream()
                .flatMap(row -> row.cells().stream())
                .flatMap(cell -> Optional.ofNullable(cell.ours()).stream())
                .mapToDouble(Spread::mean)
                .sorted()
                .toArray();
        for (Row row : plot.rows()) {
            for (int i = 0; i < plot.columns().size(); i++) {
                Spread ours = row.cells().get(i).ours();
                if (ours != null) {
                    double range = Math.max(1e-9, all[all.length - 1] - all[0]);
                    int at = (int) Math.round((ours.mean() - all[0]) / range * (SCALE - 1));
                    List<String> cells = new ArrayList<>(row.keys());
                    if (plot.columns().size() > 1) {
                        cells.add(plot.columns().get(i));
                    }
                    cells.add("·".repeat(at) + "●" + " ".repeat(SCALE - 1 - at));
                    cells.add(ours.text());
                    rows.add(cells);
                }
            }
        }
        return rows.isEmpty()
                ? List.of()
                : new TextTable(Collections.nCopies(rows.get(0).size(), ""), rows)
                        .lines()
                        .subList(1, rows.size() + 1);
    }
}
