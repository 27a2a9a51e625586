package dev.moco.operator.report;

import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainMethod;
import dev.moco.contract.StageResult.ClassAveragePrecision;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Named;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.operator.plan.PretrainText;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code report.md}: results, the paper's row beside them, trials, classes, provenance. */
public final class MarkdownReport {
    private MarkdownReport() {}

    public static String of(ReportInput input) {
        StringBuilder text = new StringBuilder();
        text.append("# ").append(input.experiment().name()).append("\n\n");
        text.append(cell(lead(input))).append("\n\n## Results\n\n");
        text.append(results(input));
        trials(text, input);
        classes(text, input);
        badImages(text, input);
        input.missing()
                .forEach(log -> text.append("\nNot shown: ").append(cell(log)).append(".\n"));
        provenance(text, input);
        return text.toString();
    }

    /** The table of results. */
    static String results(ReportInput input) {
        StringBuilder text = new StringBuilder();
        table(text, List.of("", "this run", "untrained", "gain", "paper", "difference"));
        for (ResultRow row : ResultRow.of(input)) {
            line(text, row.metric(), row.value(), row.untrained(), row.gain(), row.paper(), row.difference());
        }
        return text.toString();
    }

    /** First paragraph: the pre-training, where its method is not MoCo, and what is compared with the paper. */
    static String lead(ReportInput input) {
        return input.experiment()
                        .pretrain()
                        .filter(config -> !(config.method() instanceof PretrainMethod.MoCo))
                        .map(config -> "Pre-training: " + PretrainText.of(config) + ". ")
                        .orElse("")
                + paperLine(input);
    }

    /** Sentences that name the paper's row with the same configuration, and what is not the paper's data. */
    static String paperLine(ReportInput input) {
        Optional<PaperRow> row = input.paperRow();
        if (row.isEmpty()) {
            return "Nothing is compared with the paper: " + noRow(input.experiment()) + ".";
        }
        List<String> otherData = PaperData.differences(input);
        List<String> protocol = Protocol.differences(input.experiment(), row.get());
        String which =
                "row " + row.get().name() + " of the paper's " + row.get().table();
        return (input.experiment().pretrain().isPresent()
                        ? "The pre-training equals " + which + " in every field that changes a result."
                        : "The encoder is the published checkpoint of " + which + ", by its MD5.")
                + (otherData.isEmpty() ? "" : " It is another data set: " + String.join("; ", otherData) + ".")
                + (protocol.isEmpty() ? "" : " Its evaluation is another one: " + String.join("; ", protocol) + ".")
                + Optional.ofNullable(row.get().voc())
                        .map(PaperRow.Voc::otherWeights)
                        .filter(weights -> !weights.isEmpty())
                        .map(weights -> " The row's precisions are of " + weights + ", so they are not compared.")
                        .orElse("");
    }

    /** Reason why an experiment is compared with no row of the paper. */
    static String noRow(Experiment experiment) {
        if (experiment.pretrain().isEmpty()) {
            return "the encoder is of a file that is no published checkpoint of the paper";
        }
        if (experiment.weights().isPresent()) {
            return "the pre-training starts with the weights of a file";
        }
        PaperTables.Nearest nearest = PaperTables.nearest(experiment.pretrain().get());
        return "the pre-training is no row of the paper, the nearest is "
                + nearest.row().text() + ": " + String.join("; ", nearest.differences());
    }

    private static void trials(StringBuilder text, ReportInput input) {
        if (input.trials().isEmpty()) {
            return;
        }
        text.append("\n## Detection trials\n\n");
        table(text, List.of("trial", "seed", "AP50", "AP", "AP75", "AP50 (area)", "AP (COCO)"));
        for (ReportInput.Trial trial : input.trials()) {
            Detected result = trial.result();
            line(
                    text,
                    trial.run().task(),
                    Long.toString(trial.run().manifest().config().seed()),
                    Spread.one(result.voc07().ap50()),
                    Spread.one(result.voc07().ap()),
                    Spread.one(result.voc07().ap75()),
                    Spread.one(result.vocArea().ap50()),
                    Spread.one(result.coco().ap()));
        }
    }

    private static void classes(StringBuilder text, ReportInput input) {
        if (input.trials().isEmpty()) {
            return;
        }
        ReportInput.Trial first = input.trials().get(0);
        text.append("\n## Classes, ").append(first.run().task()).append("\n\n");
        table(text, List.of("class", "AP50", "AP", "AP75"));
        for (ClassAveragePrecision precision : first.result().classes()) {
            line(text, precision.name(), percent(precision.ap50()), percent(precision.ap()), percent(precision.ap75()));
        }
    }

    private static void badImages(StringBuilder text, ReportInput input) {
        for (ReportInput.Run run : input.runs()) {
            if (run.manifest().result() instanceof Prepared prepared) {
                named(text, run.task() + " left out", "bad images", new Named(prepared.skipped(), prepared.bad()));
                named(text, run.task() + " has", "images with a warning of the decoder", prepared.warned());
                named(text, run.task() + " clipped the boxes of", "images", prepared.clipped());
            }
        }
    }

    private static void named(StringBuilder text, String what, String things, Named named) {
        if (named.count() > 0) {
            text.append("\n")
                    .append(what)
                    .append(" ")
                    .append(named.count())
                    .append(" ")
                    .append(things)
                    .append(", among them ")
                    .append(cell(String.join(", ", named.names())))
                    .append(".\n");
        }
    }

    private static void provenance(StringBuilder text, ReportInput input) {
        text.append("\n## Provenance\n\n");
        table(text, List.of("task", "key", "digest", "seed", "time", "peak memory"));
        for (ReportInput.Run run : input.runs()) {
            Manifest manifest = run.manifest();
            line(
                    text,
                    run.task(),
                    manifest.key().substring(0, 12),
                    manifest.digest().substring(0, 12),
                    Long.toString(manifest.config().seed()),
                    duration(manifest),
                    manifest.provenance().peakRssMib() + " MiB");
        }
        text.append("\n");
        facts(input)
                .forEach((name, value) -> text.append("- ")
                        .append(cell(name))
                        .append(": ")
                        .append(cell(value))
                        .append("\n"));
    }

    /** Sizes of the data sets, precision, and versions and hardware of all runs; where runs differ, every value. */
    static Map<String, String> facts(ReportInput input) {
        Map<String, String> facts = new TreeMap<>();
        for (ReportInput.Run run : input.runs()) {
            if (run.manifest().result() instanceof Prepared prepared) {
                facts.put("data of " + run.task(), PaperData.counts(prepared));
            }
            Precision precision = run.manifest().config().precision();
            if (precision != null) {
                facts.merge("precision", precision.name().toLowerCase(Locale.ROOT), MarkdownReport::or);
            }
            run.manifest().result().origin().ifPresent(origin -> facts.put("file of " + run.task(), origin));
            run.manifest()
                    .provenance()
                    .versions()
                    .forEach((name, value) -> facts.merge(name, value, MarkdownReport::or));
            run.manifest()
                    .provenance()
                    .hardware()
                    .forEach((name, value) -> facts.merge(name, value, MarkdownReport::or));
        }
        return facts;
    }

    private static String or(String one, String other) {
        return List.of(one.split(" or ", -1)).contains(other) ? one : one + " or " + other;
    }

    /** Time from the first attempt to the commit, such as {@code 1 h 02 min} or {@code 41 s}. */
    static String duration(Manifest manifest) {
        Duration time = Duration.between(
                manifest.provenance().started(), manifest.provenance().finished());
        if (time.toHours() > 0) {
            return time.toHours() + " h " + String.format(Locale.ROOT, "%02d min", time.toMinutesPart());
        }
        return time.toMinutes() > 0
                ? time.toMinutes() + " min " + String.format(Locale.ROOT, "%02d s", time.toSecondsPart())
                : time.toSeconds() + " s";
    }

    static String percent(@Nullable Double value) {
        return value == null ? "–" : Spread.one(value);
    }

    private static void table(StringBuilder text, List<String> columns) {
        line(text, columns.toArray(String[]::new));
        text.append("|").append("---|".repeat(columns.size())).append("\n");
    }

    private static void line(StringBuilder text, String... cells) {
        text.append("|");
        for (String value : cells) {
            text.append(" ").append(cell(value)).append(" |");
        }
        text.append("\n");
    }

    /** Escapes a name from a data set or file, so that it cannot end a cell or start a tag. */
    private static String cell(String value) {
        return value.replace("\\", "\\\\")
                .replace("|", "\\|")
                .replace("<", "&lt;")
                .replace("\r", " ")
                .replace("\n", " ");
    }
}
