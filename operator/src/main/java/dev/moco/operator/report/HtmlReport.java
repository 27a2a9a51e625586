package dev.moco.operator.report;

import dev.moco.contract.Manifest;
import dev.moco.contract.StageResult.ClassPrecision;
import dev.moco.contract.StageResult.Detected;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code report.html}: the report with curves and pictures, in one file that refers to nothing outside itself. */
public final class HtmlReport {
    private static final String STYLE = """
            :root{color-scheme:light}
            body{font:15px/1.5 system-ui,sans-serif;color:#1f2937;background:#f8fafc;margin:0}
            main{max-width:1180px;margin:0 auto;padding:32px 24px 64px}
            h1{font-size:28px;margin:0 0 4px}h2{font-size:19px;margin:40px 0 12px}
            p.lead{color:#4b5563;margin:0 0 24px}
            .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:14px}
            .tile,figure,.card{background:#fff;border:1px solid #e5e7eb;border-radius:10px}
            .tile{padding:14px 18px}.tile b{display:block;font-size:28px;font-weight:650;line-height:1.25}
            .tile span{color:#6b7280;font-size:13px}.tile em{font-style:normal;color:#047857;font-size:13px}
            .grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(480px,1fr));gap:16px}
            .pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:12px}
            figure{margin:0;padding:12px}figure img{width:100%;height:auto;display:block}
            figcaption{font-size:13px;color:#4b5563;margin-bottom:6px;font-weight:600}
            .card{overflow-x:auto}
            table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
            th,td{padding:7px 14px;text-align:right;border-bottom:1px solid #f1f5f9;white-space:nowrap}
            th{color:#6b7280;font-weight:600;font-size:13px}th:first-child,td:first-child{text-align:left}
            tr:last-child td{border-bottom:0}code{font-size:13px}
            dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 20px;margin:0;padding:14px 18px}
            dt{color:#6b7280}dd{margin:0;overflow-wrap:anywhere}
            """;

    private HtmlReport() {}

    public static String of(ReportInput input) {
        StringBuilder html = new StringBuilder(1 << 16);
        String name = escape(input.experiment().name());
        html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>")
                .append(name)
                .append(" – MoCo report</title><style>")
                .append(STYLE)
                .append("</style></head><body><main>\n<h1>")
                .append(name)
                .append("</h1><p class=\"lead\">")
                .append(escape(MarkdownReport.paperLine(input.experiment())))
                .append("</p>\n");
        List<ResultRow> rows = ResultRow.of(input);
        tiles(html, rows);
        results(html, rows);
        curves(html, input);
        trials(html, input);
        classes(html, input);
        pictures(html, input);
        provenance(html, input);
        return html.append("</main></body></html>\n").toString();
    }

    private static void tiles(StringBuilder html, List<ResultRow> rows) {
        html.append("<div class=\"tiles\">");
        for (ResultRow row : rows) {
            html.append("<div class=\"tile\"><span>")
                    .append(escape(row.metric()))
                    .append("</span><b>")
                    .append(escape(row.value()))
                    .append("</b>");
            if (!row.gain().isEmpty()) {
                html.append("<em>").append(escape(row.gain())).append(" over untrained</em>");
            }
            html.append("</div>");
        }
        html.append("</div>\n");
    }

    private static void results(StringBuilder html, List<ResultRow> rows) {
        html.append("<h2>Results</h2>");
        table(
                html,
                List.of("figure, %", "this run", "untrained", "gain", "paper", "difference"),
                rows.stream()
                        .map(row -> List.of(
                                row.metric(), row.value(), row.untrained(), row.gain(), row.paper(), row.difference()))
                        .toList());
    }

    private static void curves(StringBuilder html, ReportInput input) {
        Map<String, byte[]> charts = new LinkedHashMap<>();
        input.pretrain().ifPresent(run -> {
            charts.put("Pre-training: contrastive loss", Charts.history("loss", run.history(), Map.of("loss", "loss")));
            charts.put(
                    "Pre-training: kNN on the validation set",
                    Charts.history("top-1, %", run.history(), Map.of("knnTop1", "kNN top-1")));
            charts.put(
                    "Pre-training: pretext task",
                    Charts.history("accuracy, %", run.history(), ordered("top1", "top-1", "top5", "top-5")));
        });
        input.linear()
                .ifPresent(run -> charts.put(
                        "Linear classification: validation accuracy",
                        Charts.history(
                                "accuracy, %",
                                run.history(), ordered("validationTop1", "top-1", "validationTop5", "top-5"))));
        input.trials().stream().findFirst().ifPresent(run -> {
            charts.put(
                    "Detection, " + run.task() + ": losses",
                    Charts.history(
                            "loss",
                            run.history(),
                            ordered(
                                    "lossRpnClass",
                                    "RPN class",
                                    "lossRpnBox",
                                    "RPN box",
                                    "lossClass",
                                    "class",
                                    "lossBox",
                                    "box")));
            charts.put("Detection, " + run.task() + ": precision at IoU .5", Charts.precision(run.curves()));
        });
        charts.values().removeIf(png -> png.length == 0);
        if (!charts.isEmpty()) {
            html.append("<h2>Curves</h2><div class=\"grid\">");
            charts.forEach((title, png) -> figure(html, title, png));
            html.append("</div>\n");
        }
    }

    private static Map<String, String> ordered(String... figuresAndLabels) {
        Map<String, String> ordered = new LinkedHashMap<>();
        for (int i = 0; i < figuresAndLabels.length; i += 2) {
            ordered.put(figuresAndLabels[i], figuresAndLabels[i + 1]);
        }
        return ordered;
    }

    private static void trials(StringBuilder html, ReportInput input) {
        List<List<String>> rows = input.trials().stream()
                .flatMap(run -> ResultRow.result(Optional.of(run), Detected.class)
                        .map(trial -> List.of(
                                run.task(),
                                Long.toString(run.manifest().config().seed()),
                                Spread.one(trial.voc07().ap50()),
                                Spread.one(trial.voc07().ap()),
                                Spread.one(trial.voc07().ap75()),
                                Spread.one(trial.vocArea().ap50()),
                                Spread.one(trial.coco().ap())))
                        .stream())
                .toList();
        if (!rows.isEmpty()) {
            html.append("<h2>Detection trials</h2>");
            table(html, List.of("trial", "seed", "AP50", "AP", "AP75", "AP50 (area)", "AP (COCO)"), rows);
        }
    }

    private static void classes(StringBuilder html, ReportInput input) {
        input.trials().stream()
                .findFirst()
                .flatMap(run -> ResultRow.result(Optional.of(run), Detected.class))
                .ifPresent(trial -> {
                    html.append("<h2>Classes, ")
                            .append(escape(input.trials().get(0).task()))
                            .append("</h2>");
                    table(
                            html,
                            List.of("class", "AP50", "AP", "AP75"),
                            trial.classes().stream().map(HtmlReport::classRow).toList());
                });
    }

    private static List<String> classRow(ClassPrecision precision) {
        return List.of(
                precision.name(),
                MarkdownReport.percent(precision.ap50()),
                MarkdownReport.percent(precision.ap()),
                MarkdownReport.percent(precision.ap75()));
    }

    private static void pictures(StringBuilder html, ReportInput input) {
        input.trials().stream()
                .findFirst()
                .filter(run -> !run.drawings().isEmpty())
                .ifPresent(run -> {
                    html.append("<h2>Detections, ").append(escape(run.task())).append("</h2><div class=\"pictures\">");
                    run.drawings().forEach(drawing -> figure(html, drawing.name(), drawing.png()));
                    html.append("</div>\n");
                });
    }

    private static void provenance(StringBuilder html, ReportInput input) {
        html.append("<h2>Provenance</h2>");
        table(
                html,
                List.of("task", "key", "digest", "seed", "started", "time", "peak memory", "GPU-hours"),
                input.runs().stream().map(HtmlReport::runRow).toList());
        html.append("<br><div class=\"card\"><dl>");
        MarkdownReport.facts(input)
                .forEach((fact, value) -> html.append("<dt>")
                        .append(escape(fact))
                        .append("</dt><dd>")
                        .append(escape(value))
                        .append("</dd>"));
        html.append("</dl></div>\n");
    }

    private static List<String> runRow(ReportInput.Run run) {
        Manifest manifest = run.manifest();
        return List.of(
                run.task(),
                manifest.key().substring(0, 12),
                manifest.digest().substring(0, 12),
                Long.toString(manifest.config().seed()),
                manifest.provenance().started().toString().substring(0, 19) + "Z",
                MarkdownReport.duration(manifest),
                manifest.provenance().peakRssMib() + " MiB",
                String.format(Locale.ROOT, "%.2f", manifest.provenance().gpuSeconds() / 3600));
    }

    private static void table(StringBuilder html, List<String> columns, List<List<String>> rows) {
        html.append("<div class=\"card\"><table><tr>");
        columns.forEach(column -> html.append("<th>").append(escape(column)).append("</th>"));
        html.append("</tr>");
        for (List<String> row : rows) {
            html.append("<tr>");
            row.forEach(cell -> html.append("<td>").append(escape(cell)).append("</td>"));
            html.append("</tr>");
        }
        html.append("</table></div>\n");
    }

    private static void figure(StringBuilder html, String caption, byte[] png) {
        html.append("<figure><figcaption>")
                .append(escape(caption))
                .append("</figcaption><img alt=\"")
                .append(escape(caption))
                .append("\" src=\"data:image/png;base64,")
                .append(Base64.getEncoder().encodeToString(png))
                .append("\"></figure>");
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
