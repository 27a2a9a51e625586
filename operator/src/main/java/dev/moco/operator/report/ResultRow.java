package dev.moco.operator.report;

import dev.moco.contract.Manifest;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import dev.moco.operator.report.PaperRow.Probe;
import dev.moco.operator.report.PaperRow.Published;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One metric of an experiment with the values that it is compared to, as texts in percent; empty if there is no value.
 *
 * @param metric name of the metric
 * @param value ours, with the spread over trials
 * @param untrained the same with the untrained encoder
 * @param gain ours minus the untrained encoder's, in points
 * @param paper the paper's, where the configuration is a row of it
 * @param difference ours minus the paper's, in points
 * @param significance whether the difference is within the published spread
 * @param number the same as a number; null for a text without one
 */
public record ResultRow(
        String metric,
        String value,
        String untrained,
        String gain,
        String paper,
        String difference,
        Significance significance,
        @Nullable Metric number) {
    private static final String PERCENT = "%";

    /** Row of a cost, which is compared with nothing. */
    static ResultRow cost(String metric, String value, @Nullable Metric number) {
        return new ResultRow(metric, value, "", "", "", "", Significance.NONE, number);
    }

    /** Every metric that the experiment has so far, and what its pre-training cost. */
    public static List<ResultRow> of(ReportInput input) {
        List<ResultRow> rows = new ArrayList<>(accuracies(input));
        rows.addAll(costs(input));
        return List.copyOf(rows);
    }

    /** Cost of the steps of pre-training; empty before they are measured. */
    static List<ResultRow> costs(ReportInput input) {
        return TrainingCost.of(input).map(TrainingCost::rows).orElse(List.of());
    }

    /** Accuracies and precisions. */
    static List<ResultRow> accuracies(ReportInput input) {
        List<ResultRow> rows = new ArrayList<>();
        Optional<PaperRow> paper = input.paperRow();
        Optional<Classified> linear = result(input.linear(), Classified.class);
        Optional<Classified> baseline = result(input.baseline(), Classified.class);
        Optional<Published> probed = paper.filter(row -> row.probe() != Probe.OWN_CLASSES)
                .filter(row -> Protocol.ofLinear(input.experiment(), row).isEmpty())
                .map(PaperRow::top1);
        linear.ifPresent(probe -> {
            rows.add(compared(
                    "Linear top-1, best epoch (" + (probe.bestEpoch() + 1) + ")",
                    "linear.top1.best",
                    probe.bestEpoch(),
                    probe.bestTop1(),
                    baseline.map(Classified::bestTop1),
                    probed));
            rows.add(compared(
                    "Linear top-1, last epoch",
                    "linear.top1.last",
                    null,
                    probe.lastTop1(),
                    baseline.map(Classified::lastTop1),
                    probed));
            rows.add(compared(
                    "Linear top-5, last epoch",
                    "linear.top5.last",
                    null,
                    probe.lastTop5(),
                    baseline.map(Classified::lastTop5),
                    Optional.empty()));
        });
        Optional<Pretrained> pretrain = result(input.pretrain(), Pretrained.class);
        pretrain.map(Pretrained::validation).ifPresent(accuracy -> {
            Optional<Published> own =
                    paper.filter(row -> row.probe() == Probe.OWN_CLASSES).map(PaperRow::top1);
            rows.add(compared(
                    "Validation top-1", "pretrain.validation.top1", null, accuracy.top1(), Optional.empty(), own));
            rows.add(alone("Validation top-5", "pretrain.validation.top5", accuracy.top5()));
        });
        pretrain.ifPresent(pretrained -> {
            Double trained = pretrained.knnTop1();
            if (trained != null) {
                rows.add(compared(
                        "kNN top-1",
                        "pretrain.knn.top1",
                        null,
                        trained,
                        Optional.ofNullable(pretrained.knnTop1Untrained()),
                        Optional.empty()));
            }
        });
        rows.addAll(detection(input, paper));
        input.runs()
                .forEach(run -> run.manifest()
                        .result()
                        .metrics()
                        .forEach((metric, value) ->
                                rows.add(alone(run.task() + " " + metric, run.task() + "." + named(metric), value))));
        return List.copyOf(rows);
    }

    private static List<ResultRow> detection(ReportInput input, Optional<PaperRow> paper) {
        List<Detected> trials =
                input.trials().stream().map(ReportInput.Trial::result).toList();
        if (trials.isEmpty()) {
            return List.of();
        }
        Optional<PaperRow.Voc> voc = paper.filter(
                        row -> Protocol.ofDetection(input.experiment(), row).isEmpty())
                .flatMap(PaperRow::comparableVoc);
        return List.of(
                precision("AP50", trials, AveragePrecision::ap50, voc.map(PaperRow.Voc::ap50)),
                precision("AP", trials, AveragePrecision::ap, voc.map(PaperRow.Voc::ap)),
                precision("AP75", trials, AveragePrecision::ap75, voc.map(PaperRow.Voc::ap75)));
    }

    private static ResultRow precision(
            String name, List<Detected> trials, ToDoubleFunction<AveragePrecision> metric, Optional<Double> paper) {
        Spread ours = Spread.of(trials.stream()
                .map(trial -> metric.applyAsDouble(trial.voc07()))
                .toList());
        return row(
                "VOC07 " + name + (ours.count() > 1 ? ", " + ours.count() + " trials" : ", 1 trial"),
                "detect.voc07." + name.toLowerCase(Locale.ROOT),
                null,
                ours.count(),
                ours,
                Optional.empty(),
                paper.map(theirs -> Published.around(theirs, theirs, PaperRow.VOC_BAND)));
    }

    /** Last part of a name, without the hyphen of {@code top-1}, as in the other names. */
    private static String named(String metric) {
        return metric.replace("-", "");
    }

    private static ResultRow alone(String metric, String name, double ours) {
        return compared(metric, name, null, ours, Optional.empty(), Optional.empty());
    }

    private static ResultRow compared(
            String metric,
            String name,
            @Nullable Integer epoch,
            double ours,
            Optional<Double> untrained,
            Optional<Published> paper) {
        return row(metric, name, epoch, null, new Spread(ours, 0, 1), untrained, paper);
    }

    private static ResultRow row(
            String metric,
            String name,
            @Nullable Integer epoch,
            @Nullable Integer trials,
            Spread ours,
            Optional<Double> untrained,
            Optional<Published> paper) {
        return new ResultRow(
                metric,
                ours.text(),
                untrained.map(Spread::one).orElse(""),
                untrained.map(theirs -> Spread.difference(ours.mean(), theirs)).orElse(""),
                paper.map(Published::value).map(Spread::one).orElse(""),
                paper.map(theirs -> Spread.difference(ours.mean(), theirs.value()))
                        .orElse(""),
                paper.map(theirs -> theirs.significance(ours.mean())).orElse(Significance.NONE),
                new Metric(
                        name,
                        ours.mean(),
                        PERCENT,
                        epoch,
                        ours.count() > 1 ? (Double) ours.deviation() : null,
                        trials,
                        untrained.orElse(null),
                        paper.map(Published::value).orElse(null)));
    }

    static <R extends StageResult> Optional<R> result(Optional<ReportInput.Run> run, Class<R> type) {
        return run.map(ReportInput.Run::manifest)
                .map(Manifest::result)
                .filter(type::isInstance)
                .map(type::cast);
    }
}
