package dev.moco.operator.report;

import dev.moco.contract.Manifest;
import dev.moco.contract.PretrainMethod;
import dev.moco.contract.StageResult.Detected;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values of the template {@code report.html}, which refers to them by name.
 *
 * @param name experiment
 * @param lead first paragraph
 * @param results results
 * @param curves curves; null for no section
 * @param detection detection; null for no section
 * @param missing logs that are not shown, each with the reason
 * @param runs provenance of each run
 * @param facts versions and hardware
 */
record ReportPage(
        String name,
        String lead,
        List<TemplateRow> results,
        @Nullable Gallery curves,
        @Nullable Detection detection,
        List<String> missing,
        List<RunRow> runs,
        List<Fact> facts) {

    static ReportPage of(ReportInput input) {
        return new ReportPage(
                input.experiment().name(),
                MarkdownReport.lead(input),
                ResultRow.of(input).stream().map(TemplateRow::of).toList(),
                Gallery.of(charts(input)),
                Detection.of(input.trials()),
                input.missing(),
                input.runs().stream().map(RunRow::of).toList(),
                MarkdownReport.facts(input).entrySet().stream()
                        .map(fact -> new Fact(fact.getKey(), fact.getValue()))
                        .toList());
    }

    /** A result; {@code hasGain} selects the line below its tile. */
    record TemplateRow(
            String metric,
            String value,
            String untrained,
            boolean hasGain,
            String gain,
            String paper,
            String difference) {
        static TemplateRow of(ResultRow row) {
            return new TemplateRow(
                    row.metric(),
                    row.value(),
                    row.untrained(),
                    !row.gain().isEmpty(),
                    row.gain(),
                    row.paper(),
                    row.difference());
        }
    }

    /** Pictures of a section. */
    record Gallery(List<Figure> figures) {
        /** Returns null if every picture is empty. */
        static @Nullable Gallery of(List<Figure> figures) {
            List<Figure> shown = figures.stream()
                    .filter(figure -> !figure.base64().isEmpty())
                    .toList();
            return shown.isEmpty() ? null : new Gallery(shown);
        }
    }

    /** A PNG with its caption; the PNG is empty if there is nothing to draw. */
    record Figure(String caption, String base64) {
        static Figure of(String caption, byte[] png) {
            return new Figure(caption, Base64.getEncoder().encodeToString(png));
        }
    }

    /** Detection: all trials, and classes and drawings of the first. */
    record Detection(
            List<TrialRow> trials,
            String firstTrial,
            List<ClassRow> classes,
            @Nullable Gallery drawings) {
        /** Returns null without trials. */
        static @Nullable Detection of(List<ReportInput.Trial> trials) {
            if (trials.isEmpty()) {
                return null;
            }
            ReportInput.Trial first = trials.get(0);
            return new Detection(
                    trials.stream().map(TrialRow::of).toList(),
                    first.run().task(),
                    first.result().classes().stream()
                            .map(precision -> new ClassRow(
                                    precision.name(),
                                    MarkdownReport.percent(precision.ap50()),
                                    MarkdownReport.percent(precision.ap()),
                                    MarkdownReport.percent(precision.ap75())))
                            .toList(),
                    Gallery.of(first.run().drawings().stream()
                            .map(drawing -> Figure.of(drawing.name(), drawing.png()))
                            .toList()));
        }
    }

    /** Precision of a trial. */
    record TrialRow(String task, long seed, String ap50, String ap, String ap75, String ap50Area, String apCoco) {
        static TrialRow of(ReportInput.Trial trial) {
            Detected result = trial.result();
            return new TrialRow(
                    trial.run().task(),
                    trial.run().manifest().config().seed(),
                    Spread.one(result.voc07().ap50()),
                    Spread.one(result.voc07().ap()),
                    Spread.one(result.voc07().ap75()),
                    Spread.one(result.vocArea().ap50()),
                    Spread.one(result.coco().ap()));
        }
    }

    /** Precision of a class. */
    record ClassRow(String name, String ap50, String ap, String ap75) {}

    /** Provenance of a run. */
    record RunRow(
            String task,
            String key,
            String digest,
            long seed,
            String started,
            String time,
            String peakMemory,
            String gpuHours) {
        static RunRow of(ReportInput.Run run) {
            Manifest manifest = run.manifest();
            return new RunRow(
                    run.task(),
                    manifest.key().substring(0, 12),
                    manifest.digest().substring(0, 12),
                    manifest.config().seed(),
                    manifest.provenance().started().toString().substring(0, 19) + "Z",
                    MarkdownReport.duration(manifest),
                    manifest.provenance().peakRssMib() + " MiB",
                    String.format(Locale.ROOT, "%.2f", manifest.provenance().gpuSeconds() / 3600));
        }
    }

    /** A version or a piece of hardware. */
    record Fact(String name, String value) {}

    private static List<Figure> charts(ReportInput input) {
        List<Figure> charts = new ArrayList<>();
        boolean supervised = input.experiment()
                .pretrain()
                .filter(config -> config.method() instanceof PretrainMethod.Supervised)
                .isPresent();
        input.pretrain().ifPresent(run -> {
            charts.add(Figure.of(
                    "Pre-training: " + (supervised ? "cross-entropy" : "contrastive loss"),
                    Charts.history("loss", run.history(), Map.of("loss", "loss"))));
            charts.add(Figure.of(
                    "Pre-training: kNN on the validation set",
                    Charts.history("top-1, %", run.history(), Map.of("knnTop1", "kNN top-1"))));
            charts.add(Figure.of(
                    "Pre-training: " + (supervised ? "classes of the training images" : "pretext task"),
                    Charts.history("accuracy, %", run.history(), ordered("top1", "top-1", "top5", "top-5"))));
        });
        input.linear()
                .ifPresent(run -> charts.add(Figure.of(
                        "Linear classification: validation accuracy",
                        Charts.history(
                                "accuracy, %",
                                run.history(), ordered("validationTop1", "top-1", "validationTop5", "top-5")))));
        input.trials().stream().findFirst().map(ReportInput.Trial::run).ifPresent(run -> {
            Map<String, String> losses = ordered(
                    "lossRpnClass", "RPN class", "lossRpnBox", "RPN box", "lossClass", "class", "lossBox", "box");
            charts.add(
                    Figure.of("Detection, " + run.task() + ": losses", Charts.history("loss", run.history(), losses)));
            charts.add(Figure.of("Detection, " + run.task() + ": precision at IoU .5", Charts.precision(run.curves())));
        });
        return charts;
    }

    private static Map<String, String> ordered(String... metricsAndLabels) {
        Map<String, String> ordered = new LinkedHashMap<>();
        for (int i = 0; i < metricsAndLabels.length; i += 2) {
            ordered.put(metricsAndLabels[i], metricsAndLabels[i + 1]);
        }
        return ordered;
    }
}
