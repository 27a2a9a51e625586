package dev.moco.operator.report;

import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Imported;
import dev.moco.contract.Task;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Input of a report.
 *
 * @param experiment experiment
 * @param runs committed tasks, in the order of the plan
 */
public record ReportInput(Experiment experiment, List<Run> runs) {
    public ReportInput {
        runs = List.copyOf(runs);
    }

    /**
     * Input from committed tasks.
     *
     * @param source reads a committed task with its logs, or without them
     */
    public static <E extends Exception> ReportInput of(Experiment experiment, Decision decision, RunSource<E> source)
            throws E {
        List<Run> runs = new ArrayList<>();
        for (PlannedTask task : decision.tasks()) {
            if (task.manifest().isPresent()) {
                runs.add(source.of(task.task().name(), task.manifest().get()));
            }
        }
        return new ReportInput(experiment, runs);
    }

    /** The paper's row that the encoder is to reproduce: by its pre-training, or as a published checkpoint. */
    Optional<PaperRow> paperRow() {
        return PaperTables.rowOf(experiment)
                .or(() -> imported()
                        .filter(file -> experiment.pretrain().isEmpty())
                        .flatMap(file -> PaperTables.published(file.md5())));
    }

    /** The file of weights that was read. */
    private Optional<Imported> imported() {
        return runs.stream()
                .map(run -> run.manifest().result())
                .filter(Imported.class::isInstance)
                .map(Imported.class::cast)
                .findFirst();
    }

    /** Committed pre-training. */
    Optional<Run> pretrain() {
        return run(Task.PRETRAIN);
    }

    /** Committed probe. */
    Optional<Run> linear() {
        return run(Task.LINEAR);
    }

    /** Committed probe of the untrained encoder. */
    Optional<Run> baseline() {
        return run(Task.BASELINE);
    }

    /** Committed detection trials, in the order of their seeds. */
    List<Trial> trials() {
        List<Trial> trials = new ArrayList<>();
        for (Run run : runs) {
            if (run.manifest().result() instanceof Detected result) {
                trials.add(new Trial(run, result));
            }
        }
        return trials;
    }

    /** Logs that could not be read, each with its task and the reason. */
    List<String> missing() {
        return runs.stream()
                .flatMap(run -> run.missing().stream().map(log -> run.task() + " " + log))
                .toList();
    }

    /** Committed task. */
    Optional<Run> run(String task) {
        return runs.stream().filter(run -> run.task().equals(task)).findFirst();
    }

    /** Input without logs: enough for a status. */
    public static ReportInput withoutLogs(Experiment experiment, Decision decision) {
        return of(experiment, decision, Run::withoutLogs);
    }

    /** Source of a committed task. */
    @FunctionalInterface
    public interface RunSource<E extends Exception> {
        Run of(String task, Manifest manifest) throws E;
    }

    /**
     * A committed task with the logs that a report shows.
     *
     * @param missing logs that could not be read, each with the reason
     */
    public record Run(
            String task,
            Manifest manifest,
            List<HistoryPoint> history,
            List<PrecisionRecallCurve> curves,
            List<Drawing> drawings,
            List<String> missing) {
        public Run {
            history = List.copyOf(history);
            curves = List.copyOf(curves);
            drawings = List.copyOf(drawings);
            missing = List.copyOf(missing);
        }

        public static Run withoutLogs(String task, Manifest manifest) {
            return new Run(task, manifest, List.of(), List.of(), List.of(), List.of());
        }
    }

    /** A committed detection trial with its result. */
    record Trial(Run run, Detected result) {}

    /** A PNG that a stage drew. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Drawing(String name, byte[] png) {}
}
