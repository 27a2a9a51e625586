package dev.moco.operator.report;

import dev.moco.contract.Manifest;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Pretrained;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * One metric of an experiment with the values that it is compared to, as texts in percent; empty if there is no value.
 *
 * @param metric name of the metric
 * @param value ours, with the spread over trials
 * @param untrained the same with the untrained encoder
 * @param gain ours minus the untrained encoder's, in points
 * @param paper the paper's, where the configuration is a row of it
 * @param difference ours minus the paper's, in points
 */
public record ResultRow(String metric, String value, String untrained, String gain, String paper, String difference) {

    /** Every metric that the experiment has so far. */
    public static List<ResultRow> of(ReportInput input) {
        List<ResultRow> rows = new ArrayList<>();
        Optional<PaperRow> paper = input.paperRow();
        Optional<Classified> linear = result(input.linear(), Classified.class);
        Optional<Classified> baseline = result(input.baseline(), Classified.class);
        boolean paperProbe = input.experiment()
                .linear()
                .map(probe -> PaperTables.isPapers(probe.config()))
                .orElse(false);
        linear.ifPresent(probe -> {
            rows.add(compared(
                    "Linear top-1, best epoch (" + (probe.bestEpoch() + 1) + ")",
                    probe.bestTop1(),
                    baseline.map(Classified::bestTop1),
                    paper.filter(row -> paperProbe).map(PaperRow::top1)));
            rows.add(compared(
                    "Linear top-1, last epoch",
                    probe.lastTop1(),
                    baseline.map(Classified::lastTop1),
                    paper.filter(row -> paperProbe).map(PaperRow::top1)));
            rows.add(compared(
                    "Linear top-5, last epoch",
                    probe.lastTop5(),
                    baseline.map(Classified::lastTop5),
                    Optional.empty()));
        });
        result(input.pretrain(), Pretrained.class).ifPresent(pretrained -> {
            Double trained = pretrained.knnTop1();
            if (trained != null) {
                rows.add(compared(
                        "kNN top-1", trained, Optional.ofNullable(pretrained.knnTop1Untrained()), Optional.empty()));
            }
        });
        rows.addAll(detection(input, paper));
        input.runs()
                .forEach(run -> run.manifest()
                        .result()
                        .metrics()
                        .forEach((metric, value) -> rows.add(
                                compared(run.task() + " " + metric, value, Optional.empty(), Optional.empty()))));
        return List.copyOf(rows);
    }

    private static List<ResultRow> detection(ReportInput input, Optional<PaperRow> paper) {
        List<Detected> trials =
                input.trials().stream().map(ReportInput.Trial::result).toList();
        if (trials.isEmpty()) {
            return List.of();
        }
        boolean paperDetector = input.experiment()
                .detection()
                .map(detection -> PaperTables.isPapers(detection.config()))
                .orElse(false);
        Optional<PaperRow.Voc> voc = paper.filter(row -> paperDetector).flatMap(row -> Optional.ofNullable(row.voc()));
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
        return new ResultRow(
                "VOC07 " + name + (ours.count() > 1 ? ", " + ours.count() + " trials" : ", 1 trial"),
                ours.text(),
                "",
                "",
                paper.map(Spread::one).orElse(""),
                paper.map(theirs -> Spread.signed(ours.mean() - theirs)).orElse(""));
    }

    private static ResultRow compared(String metric, double ours, Optional<Double> untrained, Optional<Double> paper) {
        return new ResultRow(
                metric,
                Spread.one(ours),
                untrained.map(Spread::one).orElse(""),
                untrained.map(theirs -> Spread.signed(ours - theirs)).orElse(""),
                paper.map(Spread::one).orElse(""),
                paper.map(theirs -> Spread.signed(ours - theirs)).orElse(""));
    }

    static <R extends StageResult> Optional<R> result(Optional<ReportInput.Run> run, Class<R> type) {
        return run.map(ReportInput.Run::manifest)
                .map(Manifest::result)
                .filter(type::isInstance)
                .map(type::cast);
    }
}
