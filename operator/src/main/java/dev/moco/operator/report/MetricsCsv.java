package dev.moco.operator.report;

import dev.moco.operator.api.MoCoExperimentStatus.Metric;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code report.csv}: all metrics of an experiment, a line for each. */
public final class MetricsCsv {
    private static final List<String> HEAD =
            List.of("name", "value", "unit", "epoch", "std", "trials", "untrained", "paper");

    private MetricsCsv() {}

    public static String of(ReportInput input) {
        StringBuilder text = new StringBuilder(Csv.line(HEAD));
        for (Metric metric : Metrics.all(input)) {
            text.append(Csv.line(List.of(
                    metric.name(),
                    Double.toString(metric.value()),
                    metric.unit(),
                    text(metric.epoch()),
                    text(metric.std()),
                    text(metric.trials()),
                    text(metric.untrained()),
                    text(metric.paper()))));
        }
        return text.toString();
    }

    private static String text(@Nullable Number number) {
        return number == null ? "" : number.toString();
    }
}
