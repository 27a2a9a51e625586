package dev.moco.operator.report;

import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import dev.moco.operator.report.page.Block;
import dev.moco.operator.report.page.Chart;
import dev.moco.operator.report.page.LineChart;
import dev.moco.operator.report.page.LineChart.ChartLine;
import dev.moco.operator.report.page.Page;
import dev.moco.operator.report.page.Page.Problem;
import dev.moco.operator.report.page.Page.Section;
import dev.moco.operator.report.page.Page.Table;
import dev.moco.operator.report.page.Page.TableCell;
import dev.moco.operator.report.page.Page.TableRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The page of several experiments: what differs in them, their results side by side, and their curves in common charts. */
final class ComparisonPage {
    private static final String SEED = "seed";

    private ComparisonPage() {}

    static Page of(List<ReportInput> inputs) {
        List<Map<String, String>> fields =
                inputs.stream().map(input -> fields(input.experiment())).toList();
        Table differences = differences(inputs, fields);
        boolean seeds = !differences.rows().isEmpty()
                && differences.rows().stream().allMatch(row -> row.name().endsWith(SEED));
        String names = inputs.stream().map(input -> input.experiment().name()).collect(Collectors.joining(", "));
        return new Page(
                "Comparison of " + inputs.size() + " experiments",
                names + (seeds ? ". They differ in their seeds alone." : ""),
                inputs.stream()
                        .flatMap(input -> ReportPage.problems(input).stream()
                                .map(problem -> new Problem(
                                        input.experiment().name() + ": " + problem.what(), problem.reason())))
                        .toList(),
                List.of(
                        new Section("What differs", List.of(Block.table(differences))),
                        new Section("Results", List.of(Block.table(results(inputs, seeds)))),
                        new Section("Curves", List.of(curves(inputs)))));
    }

    /** Fields of the data, of the encoder's file and of all stages, by section and name. */
    private static Map<String, String> fields(Experiment experiment) {
        Map<String, String> fields = new LinkedHashMap<>();
        put(fields, "data.", experiment.data());
        experiment.weights().ifPresent(weights -> fields.put("encoder.from", weights.file()));
        experiment.pretrain().ifPresent(config -> put(fields, "pretrain.", config));
        experiment.linear().ifPresent(linear -> put(fields, "linear.", linear.config()));
        experiment.detection().ifPresent(detection -> put(fields, "detection.", detection.config()));
        return fields;
    }

    private static void put(Map<String, String> fields, String prefix, Record config) {
        Differences.fields(config).forEach((name, value) -> fields.put(prefix + name, value));
    }

    private static Table differences(List<ReportInput> inputs, List<Map<String, String>> fields) {
        Set<String> names = new LinkedHashSet<>();
        fields.forEach(of -> names.addAll(of.keySet()));
        List<TableRow> rows = names.stream()
                .filter(name -> fields.stream()
                                .map(of -> of.getOrDefault(name, ""))
                                .distinct()
                                .count()
                        > 1)
                .map(name -> TableRow.of(
                        name,
                        fields.stream().map(of -> of.getOrDefault(name, "")).toList()))
                .toList();
        return new Table("Fields that are not the same in all", columns("field", inputs, false), rows);
    }

    private static List<String> columns(String first, List<ReportInput> inputs, boolean seeds) {
        List<String> columns = new ArrayList<>(List.of(first));
        inputs.forEach(input -> columns.add(input.experiment().name()));
        if (seeds) {
            columns.add("mean ± deviation of the seeds");
        }
        return columns;
    }

    private static Table results(List<ReportInput> inputs, boolean seeds) {
        List<Map<String, ResultRow>> all = new ArrayList<>();
        Map<String, String> labels = new LinkedHashMap<>();
        for (ReportInput input : inputs) {
            Map<String, ResultRow> rows = new LinkedHashMap<>();
            for (ResultRow row : ResultRow.of(input)) {
                Metric number = row.number();
                if (number != null) {
                    rows.put(number.name(), row);
                    labels.putIfAbsent(number.name(), label(row, number));
                }
            }
            all.add(rows);
        }
        List<TableRow> rows = new ArrayList<>();
        labels.forEach((name, label) -> rows.add(new TableRow(label, cells(name, all, seeds))));
        return new Table(
                "Results in percent or with their unit; the best accuracy of a row in color",
                columns("metric", inputs, seeds),
                rows);
    }

    /** Best epochs may differ, so a label has none. */
    private static String label(ResultRow row, Metric number) {
        return number.epoch() == null ? row.metric() : row.metric().replaceAll(" \\(\\d+\\)$", "");
    }

    private static List<TableCell> cells(String name, List<Map<String, ResultRow>> all, boolean seeds) {
        List<Double> values = all.stream()
                .flatMap(rows -> Optional.ofNullable(rows.get(name)).map(ResultRow::number).stream())
                .map(Metric::value)
                .toList();
        boolean accuracy = name.contains(".top") || name.contains(".ap");
        double best = values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        List<TableCell> cells = new ArrayList<>();
        for (Map<String, ResultRow> rows : all) {
            Optional<ResultRow> row = Optional.ofNullable(rows.get(name));
            Optional<Metric> number = row.map(ResultRow::number);
            boolean isBest = accuracy
                    && values.size() > 1
                    && number.filter(of -> of.value() == best).isPresent();
            cells.add(new TableCell(row.map(ResultRow::value).orElse("–"), isBest ? "right" : "", ""));
        }
        if (seeds) {
            cells.add(TableCell.of(Spread.of(values).text()));
        }
        return cells;
    }

    private static Block curves(List<ReportInput> inputs) {
        return Block.charts(
                chart(inputs, "Pre-training loss", "loss", ReportInput::pretrain, "loss"),
                chart(inputs, "kNN on the validation set", "top-1, %", ReportInput::pretrain, "knnTop1"),
                chart(inputs, "Linear classification", "validation top-1, %", ReportInput::linear, "validationTop1"),
                chart(inputs, "Speed of pre-training", "images/s", ReportInput::pretrain, "imagesPerSecond"));
    }

    private static Optional<Chart> chart(
            List<ReportInput> inputs,
            String caption,
            String yLabel,
            Function<ReportInput, Optional<ReportInput.Run>> of,
            String metric) {
        List<ChartLine> curves = inputs.stream()
                .map(input -> CurveSection.curve(
                        of.apply(input).map(ReportInput.Run::history).orElse(List.<HistoryPoint>of()),
                        metric,
                        input.experiment().name()))
                .toList();
        return new LineChart(caption, "step", yLabel, curves, List.of()).chart();
    }
}
