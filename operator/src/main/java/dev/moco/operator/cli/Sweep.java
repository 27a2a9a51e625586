package dev.moco.operator.cli;

import dev.moco.artifacts.StepTimes;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.FileErrors;
import dev.moco.contract.Printable;
import dev.moco.contract.Progress;
import dev.moco.contract.StageFailure;
import dev.moco.contract.Termination;
import dev.moco.operator.client.LocalResults;
import dev.moco.operator.client.TableFormat;
import dev.moco.operator.client.TableView;
import dev.moco.operator.local.LocalDriver;
import dev.moco.operator.local.LocalMachine;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.ProgressDisplay;
import dev.moco.operator.local.RawDataListing;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/** Experiments that run one after another on this machine, in one work folder with one store. */
final class Sweep {
    private final List<Source> sources;
    private final WorkFolder work;
    private final LocalStore store;
    private final LocalMachine machine;
    private final boolean deterministic;
    private final AtomicBoolean stop;
    private final Output output;
    private final ProgressDisplay display;

    /** Fingerprints of raw data and newest decision of each experiment, in the order of the sources. */
    private final List<Map<String, String>> fingerprints = new ArrayList<>();

    private final List<Decision> decisions = new ArrayList<>();
    private final Map<String, Termination> refused = new HashMap<>();
    private final List<String> failed = new ArrayList<>();

    /**
     * Output for a person.
     *
     * @param quiet true prints failures and the places of reports alone
     * @param commandLine the command that runs it, for who goes on with it
     */
    record Output(ProgressDisplay display, boolean quiet, String commandLine) {
        PrintStream results() {
            return quiet ? new PrintStream(OutputStream.nullOutputStream()) : System.out;
        }
    }

    /**
     * Creates a sweep.
     *
     * @param deterministic whether GPUs take only algorithms that add in the same order at every run, also in experiments whose
     *     files do not say so
     * @param stop set when the user asks to stop
     */
    Sweep(
            List<Source> sources,
            WorkFolder work,
            LocalStore store,
            LocalMachine machine,
            boolean deterministic,
            AtomicBoolean stop,
            Output output) {
        this.sources = List.copyOf(sources);
        this.work = work;
        this.store = store;
        this.machine = machine;
        this.deterministic = deterministic;
        this.stop = stop;
        this.output = output;
        this.display = output.display();
    }

    /** Refuses experiments of one name: their logs and reports would replace each other. */
    static void checkNames(List<Source> sources) {
        Map<String, Path> files = new HashMap<>();
        for (Source source : sources) {
            String name = source.experiment().name();
            Path other = files.put(name, source.file());
            if (other != null) {
                throw StageFailure.badConfig("experiments of one run must have different names, found " + name + " in "
                        + other + " and " + source.file());
            }
        }
    }

    /**
     * Runs what is not committed yet, after a check of every experiment. One that fails does not keep the others from
     * running.
     *
     * @return exit code of the first that failed
     * @throws StageFailure bad configuration, before anything runs; interrupted, once every running stage has saved a
     *     checkpoint and the results so far are printed
     */
    int run(Instant start) throws IOException, InterruptedException {
        check(start);
        int exitCode = ExitCode.DONE;
        for (int i = 0; i < sources.size(); i++) {
            int code = runOrReport(i, i == 0 ? start : Instant.now());
            if (code != ExitCode.DONE) {
                if (several()) {
                    failed.add(name(i));
                }
                exitCode = exitCode == ExitCode.DONE ? code : exitCode;
            }
        }
        printEnd();
        return exitCode;
    }

    private boolean several() {
        return sources.size() > 1;
    }

    private String name(int i) {
        return sources.get(i).experiment().name();
    }

    /** Lists the raw data, and checks that every experiment can run on this machine. */
    private void check(Instant start) throws IOException {
        RawDataListing listing = new RawDataListing();
        List<StageFailure> failures = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            Experiment experiment = sources.get(i).experiment();
            try {
                fingerprints.add(listing.of(experiment, store.remote(), this::listed));
                decisions.add(observations(i).decide(start));
                machine.capacity().check(decisions.get(i), experiment);
            } catch (StageFailure failure) {
                if (failure.exitCode() == ExitCode.INTERRUPTED) {
                    throw failure;
                }
                failures.add(several() ? failure.withMessage(name(i) + ": " + failure.getMessage()) : failure);
            }
        }
        if (!failures.isEmpty()) {
            throw StageFailure.joined(failures);
        }
    }

    /** Shows the progress of a listing, which may take minutes, and ends it when the user asks to stop. */
    private void listed(String task, Progress progress) {
        display.progress(task, progress, Instant.now());
        if (stop.get()) {
            throw StageFailure.interrupted("stopped while raw data was listed, before anything ran");
        }
    }

    private LocalObservations observations(int i) {
        return new LocalObservations(sources.get(i).experiment(), store.artifacts(), fingerprints.get(i), refused);
    }

    /** Runs an experiment; among several, a failure that would end the program is printed instead. */
    private int runOrReport(int i, Instant start) throws IOException, InterruptedException {
        if (!several()) {
            return run(i, start);
        }
        if (stop.get()) {
            throw interrupted(i, "");
        }
        display.event("moco", "experiment " + (i + 1) + " of " + sources.size() + ": " + name(i));
        try {
            return run(i, start);
        } catch (StageFailure | IOException | UncheckedIOException e) {
            StageFailure failure = FileErrors.known(e).orElseThrow();
            if (failure.exitCode() == ExitCode.INTERRUPTED) {
                throw failure;
            }
            System.err.println("moco: " + name(i) + ": " + Printable.message(String.valueOf(failure.getMessage())));
            return failure.exitCode();
        }
    }

    private int run(int i, Instant start) throws IOException, InterruptedException {
        Experiment experiment = sources.get(i).experiment();
        Policy policy = sources.get(i).reading().policy();
        LocalDriver driver = new LocalDriver(
                experiment,
                work,
                RunCommand.home(),
                store,
                display,
                machine,
                deterministic || policy.resources().deterministic(),
                policy.retention(),
                stop);
        LocalObservations observations = observations(i);
        Decision decision = driver.run(observations);
        decisions.set(i, decision);
        RunReport.print(experiment, work, store, decision, start, output.results());
        RunReport.printFailures(decision, several() ? name(i) + ": " : "");
        if (!decision.finished()) {
            throw interrupted(i, kept(decision, observations));
        }
        return decision.succeeded() || decision.exitCode() != ExitCode.DONE ? decision.exitCode() : ExitCode.FAULT;
    }

    /** Committed results and checkpoints of an unfinished experiment, as text. */
    private static String kept(Decision decision, LocalObservations observations) {
        List<String> kept = new ArrayList<>();
        for (PlannedTask task : decision.tasks()) {
            String name = task.task().name();
            long step = observations.checkpointStep(name);
            if (task.state() == TaskState.SUCCEEDED) {
                kept.add(name);
            } else if (step > 0) {
                kept.add(
                        name + (task.task().stage().readsRawData() ? " with " + step + " images" : " at step " + step));
            }
        }
        return "kept: " + (kept.isEmpty() ? "nothing yet" : String.join(", ", kept)) + "; ";
    }

    /** Prints the results so far, and says what is kept and how to go on. */
    private StageFailure interrupted(int i, String kept) throws IOException {
        String where = "";
        printEnd();
        if (several()) {
            where = " at experiment " + (i + 1) + " of " + sources.size() + ", " + name(i) + "; ended before: "
                    + names(0, i) + "; not started: " + names(i + 1, sources.size());
        }
        return StageFailure.interrupted("stopped" + where + "; " + kept + "to go on: " + output.commandLine());
    }

    private String names(int from, int to) {
        return from == to
                ? "none"
                : sources.subList(from, to).stream()
                        .map(source -> source.experiment().name())
                        .collect(Collectors.joining(", "));
    }

    /** Several experiments in one table, and where reports are. */
    private void printEnd() throws IOException {
        if (several()) {
            printTable();
        }
        if (several() || output.quiet()) {
            for (int i = 0; i < sources.size(); i++) {
                if (Files.exists(RunReport.page(work, name(i)))) {
                    System.out.println(RunReport.page(work, name(i)));
                }
            }
        }
        if (!failed.isEmpty()) {
            System.err.println("moco: " + failed.size() + " of " + sources.size() + " experiments failed: "
                    + String.join(", ", failed));
        }
    }

    private void printTable() throws IOException {
        PrintStream out = output.results();
        StepTimes times = new StepTimes(work.root());
        List<LocalResults> results = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            results.add(LocalResults.of(sources.get(i), decisions.get(i), times, machine.capacity()));
        }
        out.println();
        new TableView(null, TableFormat.text).ofFiles(results, out);
        out.println();
    }
}
