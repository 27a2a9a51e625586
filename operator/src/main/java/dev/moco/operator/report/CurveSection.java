package dev.moco.operator.report;

import dev.moco.contract.HistoryPoint;
import dev.moco.contract.PretrainMethod;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.operator.report.page.Block;
import dev.moco.operator.report.page.Chart;
import dev.moco.operator.report.page.LineChart;
import dev.moco.operator.report.page.LineChart.ChartLine;
import dev.moco.operator.report.page.LineChart.Level;
import dev.moco.operator.report.page.LineChart.Point;
import dev.moco.operator.report.page.Page.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Curves of pre-training, of linear classification, and of detection. */
final class CurveSection {
    private static final String UNTRAINED = "untrained encoder";

    private CurveSection() {}

    static Section pretraining(ReportInput input) {
        boolean supervised = input.experiment()
                .pretrain()
                .filter(config -> config.method() instanceof PretrainMethod.Supervised)
                .isPresent();
        List<Block> blocks = new ArrayList<>();
        input.pretrain().ifPresent(run -> {
            List<HistoryPoint> history = run.history();
            Optional<Double> untrained = ResultRow.result(input.pretrain(), Pretrained.class)
                    .flatMap(result -> Optional.ofNullable(result.knnTop1Untrained()));
            blocks.add(Block.charts(
                    chart(supervised ? "Cross-entropy" : "Contrastive loss", "loss", curve(history, "loss", "loss")),
                    levels(
                            "kNN on the validation set",
                            "top-1, %",
                            levels(untrained),
                            curve(history, "knnTop1", "kNN top-1")),
                    chart(
                            supervised ? "Classes of the training images" : "Pretext task",
                            "accuracy, %",
                            curve(history, "top1", "top-1"),
                            curve(history, "top5", "top-5")),
                    chart("Learning rate", "learning rate", curve(history, "learningRate", "learning rate")),
                    chart("Speed", "images/s", curve(history, "imagesPerSecond", "images/s")),
                    chart("Waiting for images", "share of time, %", curve(history, "dataWaitShare", "wait", 100))));
        });
        return new Section("Pre-training", blocks);
    }

    static Section linear(ReportInput input) {
        List<Block> blocks = new ArrayList<>();
        Optional<Double> untrained =
                ResultRow.result(input.baseline(), Classified.class).map(Classified::bestTop1);
        input.linear()
                .ifPresent(run -> blocks.add(Block.charts(
                        levels(
                                "Validation accuracy",
                                "accuracy, %",
                                levels(untrained),
                                curve(run.history(), "validationTop1", "top-1"),
                                curve(run.history(), "validationTop5", "top-5")),
                        chart("Training loss", "loss", curve(run.history(), "loss", "loss")),
                        chart(
                                "Learning rate",
                                "learning rate",
                                curve(run.history(), "learningRate", "learning rate")))));
        return new Section("Linear classification", blocks);
    }

    /** Curves of several trials: at each step their mean and deviation. */
    static Block detection(List<ReportInput.Run> trials) {
        List<List<HistoryPoint>> histories =
                trials.stream().map(ReportInput.Run::history).toList();
        return Block.charts(
                chart(
                        "Losses" + (trials.size() > 1 ? ", mean ± deviation of the trials" : ""),
                        "loss",
                        mean(histories, "lossRpnClass", "RPN class"),
                        mean(histories, "lossRpnBox", "RPN box"),
                        mean(histories, "lossClass", "class"),
                        mean(histories, "lossBox", "box")),
                precision(trials.get(0)),
                chart("Learning rate", "learning rate", mean(histories, "learningRate", "learning rate")));
    }

    private static Optional<Chart> precision(ReportInput.Run run) {
        List<ChartLine> curves = run.curves().stream()
                .map(curve -> {
                    List<Point> points = new ArrayList<>();
                    for (int i = 0; i < curve.recall().size(); i++) {
                        points.add(new Point(
                                curve.recall().get(i), curve.precision().get(i), 0));
                    }
                    return new ChartLine(curve.className(), points);
                })
                .toList();
        return new LineChart("Precision at IoU .5, " + run.task(), "recall", "precision", curves, List.of()).chart();
    }

    private static Optional<Chart> chart(String caption, String yLabel, ChartLine... curves) {
        return levels(caption, yLabel, List.of(), curves);
    }

    private static Optional<Chart> levels(String caption, String yLabel, List<Level> levels, ChartLine... curves) {
        return new LineChart(caption, "step", yLabel, List.of(curves), levels).chart();
    }

    private static List<Level> levels(Optional<Double> untrained) {
        return untrained.map(value -> new Level(UNTRAINED, value)).stream().toList();
    }

    static ChartLine curve(List<HistoryPoint> history, String metric, String name) {
        return curve(history, metric, name, 1);
    }

    private static ChartLine curve(List<HistoryPoint> history, String metric, String name, double factor) {
        return new ChartLine(
                name,
                history.stream()
                        .map(point ->
                                new Point(point.step(), factor * point.values().getOrDefault(metric, Double.NaN), 0))
                        .sorted((one, other) -> Double.compare(one.x(), other.x()))
                        .toList());
    }

    /** Means over those histories that have a point at a step. */
    static ChartLine mean(List<List<HistoryPoint>> histories, String metric, String name) {
        Map<Long, List<Double>> values = new TreeMap<>();
        for (List<HistoryPoint> history : histories) {
            for (HistoryPoint point : history) {
                Double value = point.values().get(metric);
                if (value != null) {
                    values.computeIfAbsent(point.step(), step -> new ArrayList<>())
                            .add(value);
                }
            }
        }
        List<Point> points = new ArrayList<>();
        values.forEach((step, all) -> {
            Spread spread = Spread.of(all);
            points.add(new Point(step, spread.mean(), spread.deviation()));
        });
        return new ChartLine(name, points);
    }
}
