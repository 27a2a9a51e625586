package dev.moco.operator.report;

import dev.moco.contract.DetectionSamples;
import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Imported;
import dev.moco.contract.Task;
import dev.moco.contract.ValidationSamples;
import dev.moco.contract.ViewSamples;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Input of a report.
 *
 * @param experiment experiment
 * @param runs committed tasks, in the order of the plan
 * @param failures tasks that failed by themselves
 */
public record ReportInput(Experiment experiment, List<Run> runs, List<Failure> failures) {
    public ReportInput {
        runs = List.copyOf(runs);
        failures = List.copyOf(failures);
    }

    /** Input of an experiment in which nothing failed. */
    public ReportInput(Experiment experiment, List<Run> runs) {
        this(experiment, runs, List.of());
    }

    /** A failed task. */
    public record Failure(String task, String reason) {}

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
        // Those that only need a failed one have no key.
        List<Failure> failures = decision.tasks().stream()
                .filter(task -> task.state() == TaskState.FAILED && task.key().isPresent())
                .map(task -> new Failure(task.task().name(), task.reason()))
                .toList();
        return new ReportInput(experiment, runs, failures);
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
     * @param samples what it shows of images
     * @param missing logs that could not be read, each with the reason
     */
    public record Run(
            String task,
            Manifest manifest,
            List<HistoryPoint> history,
            List<PrecisionRecallCurve> curves,
            Samples samples,
            List<String> missing) {
        public Run {
            history = List.copyOf(history);
            curves = List.copyOf(curves);
            missing = List.copyOf(missing);
        }

        public static Run withoutLogs(String task, Manifest manifest) {
            return new Run(task, manifest, List.of(), List.of(), Samples.NONE, List.of());
        }
    }

    /**
     * Images with what was made of them.
     *
     * @param views of pre-training
     * @param validation of linear classification
     * @param detections of a detection trial
     * @param drawings drawings of a trial that has no detections with their classes, as earlier ones
     */
    public record Samples(
            Optional<ViewSamples> views,
            Optional<ValidationSamples> validation,
            Optional<DetectionSamples> detections,
            List<Drawing> drawings) {
        public static final Samples NONE = new Samples(Optional.empty(), Optional.empty(), Optional.empty(), List.of());

        public Samples {
            drawings = List.copyOf(drawings);
        }

        public Samples withViews(ViewSamples added) {
            return new Samples(Optional.of(added), validation, detections, drawings);
        }

        public Samples withValidation(ValidationSamples added) {
            return new Samples(views, Optional.of(added), detections, drawings);
        }

        public Samples withDetections(DetectionSamples added) {
            return new Samples(views, validation, Optional.of(added), drawings);
        }

        public Samples withDrawing(Drawing added) {
            List<Drawing> all = new ArrayList<>(drawings);
            all.add(added);
            return new Samples(views, validation, detections, all);
        }
    }

    /** A committed detection trial with its result. */
    record Trial(Run run, Detected result) {}

    /** A PNG that a stage drew. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Drawing(String name, byte[] png) {}
}
