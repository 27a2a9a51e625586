package dev.moco.operator.report;

import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.ClassAveragePrecision;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Results as numbers under names that do not change. */
public final class Metrics {
    private static final String PERCENT = "%";

    private Metrics() {}

    /** Those of the status, which has room for the results of an experiment, and not for each trial and class. */
    static List<Metric> ofStatus(ReportInput input) {
        return ResultRow.of(input).stream()
                .flatMap(row -> Optional.ofNullable(row.number()).stream())
                .toList();
    }

    /** All: those of the status, then what they are made of. */
    public static List<Metric> all(ReportInput input) {
        List<Metric> metrics = new ArrayList<>(ofStatus(input));
        ResultRow.result(input.pretrain(), Pretrained.class).ifPresent(result -> {
            metrics.add(Metric.of("pretrain.loss", result.loss(), ""));
            metrics.add(Metric.of("pretrain.top1", result.top1(), PERCENT));
            metrics.add(Metric.of("pretrain.top5", result.top5(), PERCENT));
        });
        ResultRow.result(input.linear(), Classified.class).ifPresent(result -> {
            metrics.add(Metric.of("linear.top5.best", result.bestTop5(), PERCENT));
            metrics.add(Metric.of("linear.loss", result.trainLoss(), ""));
        });
        List<ReportInput.Trial> trials = input.trials();
        if (!trials.isEmpty()) {
            over(metrics, "detect.vocArea", trials, Detected::vocArea);
            over(metrics, "detect.coco", trials, Detected::coco);
        }
        for (ReportInput.Trial trial : trials) {
            String task = trial.run().task();
            one(metrics, task + ".voc07", trial.result().voc07());
            one(metrics, task + ".vocArea", trial.result().vocArea());
            one(metrics, task + ".coco", trial.result().coco());
            for (ClassAveragePrecision precision : trial.result().classes()) {
                String name = task + ".class." + precision.name();
                add(metrics, name + ".ap50", precision.ap50());
                add(metrics, name + ".ap", precision.ap());
                add(metrics, name + ".ap75", precision.ap75());
            }
        }
        double gpuSeconds = input.runs().stream()
                .mapToDouble(run -> run.manifest().provenance().gpuSeconds())
                .sum();
        metrics.add(Metric.of("gpu.hours", gpuSeconds / 3600, "h"));
        return List.copyOf(metrics);
    }

    private static void over(
            List<Metric> metrics,
            String name,
            List<ReportInput.Trial> trials,
            Function<Detected, AveragePrecision> evaluator) {
        List<AveragePrecision> all =
                trials.stream().map(trial -> evaluator.apply(trial.result())).toList();
        spread(metrics, name + ".ap50", all.stream().map(AveragePrecision::ap50).toList());
        spread(metrics, name + ".ap", all.stream().map(AveragePrecision::ap).toList());
        spread(metrics, name + ".ap75", all.stream().map(AveragePrecision::ap75).toList());
    }

    private static void spread(List<Metric> metrics, String name, List<Double> values) {
        Spread spread = Spread.of(values);
        Double deviation = spread.count() > 1 ? (Double) spread.deviation() : null;
        metrics.add(new Metric(name, spread.mean(), PERCENT, null, deviation, spread.count(), null, null));
    }

    private static void one(List<Metric> metrics, String name, AveragePrecision precision) {
        metrics.add(Metric.of(name + ".ap50", precision.ap50(), PERCENT));
        metrics.add(Metric.of(name + ".ap", precision.ap(), PERCENT));
        metrics.add(Metric.of(name + ".ap75", precision.ap75(), PERCENT));
    }

    private static void add(List<Metric> metrics, String name, @Nullable Double value) {
        if (value != null) {
            metrics.add(Metric.of(name, value, PERCENT));
        }
    }
}
