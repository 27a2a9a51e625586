package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.artifacts.StepTimes;
import dev.moco.contract.Experiment;
import dev.moco.contract.FileErrors;
import dev.moco.contract.Printable;
import dev.moco.contract.Progress;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.operator.local.Capacity;
import dev.moco.operator.local.LocalMachine;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.RawDataListing;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Forecast;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.StatusReport;
import dev.moco.operator.report.TableEntry;
import dev.moco.operator.spec.ExperimentFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Committed results of an experiment of a file, in a work folder or a bucket.
 *
 * @param view the file with its status, as a cluster would have it
 * @param entry its numbers for the tables of the paper
 */
public record LocalResults(ExperimentView view, TableEntry entry) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int SECONDS = 3600;

    /**
     * Reads the results of experiments. Raw data that several of them name is listed once. Without a bucket, an experiment
     * whose raw data cannot be read here has none, which a line on standard error says: results are found by what raw data
     * holds.
     *
     * @param store {@code s3://bucket/prefix}; null for the work folder
     */
    public static List<LocalResults> read(List<Path> files, WorkFolder work, @Nullable String store)
            throws IOException {
        List<LocalResults> results = new ArrayList<>();
        Map<String, List<String>> notFound = new LinkedHashMap<>();
        RawDataListing listing = new RawDataListing();
        StepTimes times = new StepTimes(work.root());
        Capacity capacity =
                LocalMachine.look(System.getenv(), OptionalInt.empty()).capacity();
        for (ExperimentFiles.Source source : ExperimentFiles.read(files)) {
            Experiment experiment = source.experiment();
            Decision decision;
            try (LocalStore opened = LocalStore.open(work, store, experiment)) {
                decision = new LocalObservations(
                                experiment, opened.artifacts(), listing.of(experiment, opened.remote()))
                        .decide(Instant.now());
            } catch (StageFailure | IOException | UncheckedIOException e) {
                StageFailure unread = FileErrors.known(e).orElseThrow();
                if (store != null) {
                    throw unread;
                }
                notFound.computeIfAbsent(String.valueOf(unread.getMessage()), message -> new ArrayList<>())
                        .add(experiment.name());
                decision =
                        Plan.decide(experiment, new PlanInput(Map.of(), Map.of(), Map.of(), Map.of()), Instant.now());
            }
            results.add(of(source, decision, times, capacity));
        }
        notFound.forEach((message, names) -> System.err.println("moco: no results are looked up of "
                + Printable.line(String.join(", ", names)) + ": " + Printable.message(message)));
        return results;
    }

    /** Results of all experiments of a work folder or bucket. */
    public static List<LocalResults> of(LocalExperiments experiments) throws IOException {
        StepTimes times = new StepTimes(experiments.work().root());
        Capacity capacity =
                LocalMachine.look(System.getenv(), OptionalInt.empty()).capacity();
        List<LocalResults> results = new ArrayList<>();
        for (StoredExperiment each : experiments.all()) {
            ReportInput input = ReportInput.withoutLogs(each.experiment(), each.decision());
            results.add(
                    new LocalResults(each.view(), TableEntry.of(input, hoursLeft(each.decision(), times, capacity))));
        }
        return results;
    }

    /** Results of an experiment that has been decided. */
    public static LocalResults of(
            ExperimentFiles.Source source, Decision decision, StepTimes times, Capacity capacity) {
        ReportInput input = ReportInput.withoutLogs(source.experiment(), decision);
        return new LocalResults(
                view(source.tree(), decision, input, Map.of()),
                TableEntry.of(input, hoursLeft(decision, times, capacity)));
    }

    /** A document with its status, as a cluster would have it. */
    static ExperimentView view(
            JsonNode document, Decision decision, ReportInput input, Map<String, Progress> progress) {
        ObjectNode tree = document.deepCopy();
        tree.set("status", JSON.<JsonNode>valueToTree(StatusReport.of(decision, input, progress)));
        return new ExperimentView(tree);
    }

    /** Hours of everything that is left but reading raw data, by steps that were measured on this machine. */
    static OptionalDouble hoursLeft(Decision decision, StepTimes times, Capacity capacity) {
        double seconds = 0;
        for (PlannedTask task : decision.tasks()) {
            if (task.state() == TaskState.SUCCEEDED || task.task().stage().readsRawData()) {
                continue;
            }
            OptionalLong steps = Forecast.steps(task, decision);
            OptionalDouble ofStep =
                    task.config().isPresent() ? ofStep(task.config().get(), times, capacity) : OptionalDouble.empty();
            if (steps.isEmpty() || ofStep.isEmpty()) {
                return OptionalDouble.empty();
            }
            seconds += steps.getAsLong() * ofStep.getAsDouble();
        }
        return OptionalDouble.of(seconds / SECONDS);
    }

    private static OptionalDouble ofStep(StageConfig config, StepTimes times, Capacity capacity) {
        return times.seconds(config, capacity.threads(config));
    }
}
