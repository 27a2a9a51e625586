package dev.moco.operator.report;

import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlannedTask;
import java.util.ArrayList;
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

    /**
     * Of what is committed.
     *
     * @param run reads a committed task with its logs, or without them
     */
    public static <E extends Exception> ReportInput of(Experiment experiment, Decision decision, RunSource<E> run)
            throws E {
        List<Run> prepared = new ArrayList<>();
        List<Run> trials = new ArrayList<>();
        Optional<Run> pretrain = Optional.empty();
        Optional<Run> linear = Optional.empty();
        Optional<Run> baseline = Optional.empty();
        for (PlannedTask task : decision.tasks()) {
            if (task.manifest().isEmpty()) {
                continue;
            }
            Run committed = run.of(task.task().name(), task.manifest().get());
            switch (task.task().stage()) {
                case PREPARE -> prepared.add(committed);
                case PRETRAIN -> pretrain = Optional.of(committed);
                case LINEAR -> {
                    if (task.task().name().equals(Plan.BASELINE)) {
                        baseline = Optional.of(committed);
                    } else {
                        linear = Optional.of(committed);
                    }
                }
                case DETECT -> trials.add(committed);
            }
        }
        return new ReportInput(experiment, prepared, pretrain, linear, baseline, trials);
    }

    /** Input without logs: enough for a status. */
    public static ReportInput withoutLogs(Experiment experiment, Decision decision) {
        return of(experiment, decision, Run::withoutLogs);
    }

    /** Where a committed task is read from. */
    @FunctionalInterface
    public interface RunSource<E extends Exception> {
        Run of(String task, Manifest manifest) throws E;
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
            List<PrecisionRecallCurve> curves,
            List<Drawing> drawings) {
        public Run {
            history = List.copyOf(history);
            curves = List.copyOf(curves);
            drawings = List.copyOf(drawings);
        }

        static Run withoutLogs(String task, Manifest manifest) {
            return new Run(task, manifest, List.of(), List.of(), List.of());
        }
    }

    /** A PNG that a stage drew. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Drawing(String name, byte[] png) {}
}
