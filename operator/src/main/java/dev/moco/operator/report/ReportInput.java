package dev.moco.operator.report;

import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.PrecisionCurve;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything a report is made of.
 *
 * @param experiment what was asked for
 * @param prepared committed data sets
 * @param pretrain committed pre-training
 * @param linear committed probe
 * @param baseline committed probe of the untrained encoder
 * @param trials committed detection trials, in order of their seeds
 */
public record ReportInput(
        Experiment experiment,
        List<Run> prepared,
        Optional<Run> pretrain,
        Optional<Run> linear,
        Optional<Run> baseline,
        List<Run> trials) {
    public ReportInput {
        prepared = List.copyOf(prepared);
        trials = List.copyOf(trials);
    }

    /** Every run, in the order of the data. */
    public List<Run> runs() {
        return Stream.of(prepared.stream(), pretrain.stream(), linear.stream(), baseline.stream(), trials.stream())
                .flatMap(runs -> runs)
                .toList();
    }

    /** A committed task with the logs that a report shows. */
    public record Run(
            String task,
            Manifest manifest,
            List<HistoryPoint> history,
            List<PrecisionCurve> curves,
            List<Drawing> drawings) {
        public Run {
            history = List.copyOf(history);
            curves = List.copyOf(curves);
            drawings = List.copyOf(drawings);
        }
    }

    /** A PNG that a stage drew. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Drawing(String name, byte[] png) {}
}
