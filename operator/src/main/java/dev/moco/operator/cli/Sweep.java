package dev.moco.operator.cli;

import dev.moco.artifacts.StepTimes;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.FileErrors;
import dev.moco.contract.Printable;
import dev.moco.contract.Progress;
import dev.moco.contract.StageFailure;
import dev.moco.contract.Termination;
import dev.moco.operator.client.ExperimentView;
import dev.moco.operator.client.LocalResults;
import dev.moco.operator.local.LocalDriver;
import dev.moco.operator.local.LocalDriver.ExperimentRun;
import dev.moco.operator.local.LocalMachine;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.ProgressDisplay;
import dev.moco.operator.local.RawDataListing;
import dev.moco.operator.local.RecordedRun;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.table.SweepTable;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** Experiments that run on this machine, in one work folder with one store: side by side where there is room. */
final class Sweep implements LocalDriver.Listener {
    private final List<Source> sources;
    private final WorkFolder work;
    private final LocalStore store;
    private final LocalMachine machine;
    private final boolean deterministic;
    private final AtomicBoolean stop;
    private final Output output;

    /** Fingerprints of raw data and newest decision of each experiment, in the order of the sources. */
    private final List<Map<String, String>> fingerprints = new ArrayList<>();

    private final List<Decision> decisions = new ArrayList<>();
    private final Map<String, Termination> refused = new HashMap<>();
    private final Map<Integer, Integer> exitCodes = new TreeMap<>();
    private final Set<Integer> begun = new HashSet<>();
    private Instant started = Instant.now();

    /**
     * Output for a person.
     *
     * @param quiet true prints failures and the places of reports alone
     * @param compared makes the table of several; without one, a row for each has the paper's columns
     * @param commandLine the command that runs it, for who goes on with it
     */
    record Output(
            ProgressDisplay display,
            boolean quiet,
            Function<List<ExperimentView>, Optional<SweepTable>> compared,
            String commandLine) {
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
        started = start;
        check(start);
        List<ExperimentRun> runs = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            Experiment experiment = sources.get(i).experiment();
            Policy policy = sources.get(i).reading().policy();
            runs.add(new ExperimentRun(
                    experiment,
                    observations(experiment, fingerprints.get(i)),
                    deterministic || policy.resources().deterministic(),
                    policy.retention(),
                    several() ? i + 1 : 0));
        }
        LocalDriver driver = new LocalDriver(work, RunCommand.home(), store, output.display(), machine, stop);
        Map<ExperimentRun, Decision> unfinished = driver.run(runs, this);
        if (!unfinished.isEmpty()) {
            throw interrupted(unfinished);
        }
        printEnd();
        return exitCodes.values().stream()
                .filter(code -> code != ExitCode.DONE)
                .findFirst()
                .orElse(ExitCode.DONE);
    }

    @Override
    public void begins(ExperimentRun run) {
        begun.add(index(run));
        if (several()) {
            output.display()
                    .event("moco", "experiment " + run.number() + " of " + sources.size() + ": " + name(index(run)));
        }
    }

    @Override
    public void ended(ExperimentRun run, Decision decision) throws IOException {
        print(run, decision);
        boolean known = decision.succeeded() || decision.exitCode() != ExitCode.DONE;
        exitCodes.put(index(run), known ? decision.exitCode() : ExitCode.FAULT);
    }

    @Override
    public void failed(ExperimentRun run, StageFailure failure) {
        System.err.println(
                "moco: " + name(index(run)) + ": " + Printable.message(String.valueOf(failure.getMessage())));
        exitCodes.put(index(run), failure.exitCode());
    }

    private int index(ExperimentRun run) {
        return Math.max(0, run.number() - 1);
    }

    private void print(ExperimentRun run, Decision decision) throws IOException {
        decisions.set(index(run), decision);
        Source source = sources.get(index(run));
        RecordedRun.Origin origin = new RecordedRun.Origin(source.tree(), source.file(), output.commandLine());
        RunReport.print(run.experiment(), origin, work, store.artifacts(), decision, started, output.results());
        RunReport.printFailures(decision, several() ? name(index(run)) + ": " : "");
    }

    /** The newest decision about each experiment, after {@link #run}. */
    List<Decision> decisions() {
        return List.copyOf(decisions);
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
                Map<String, String> listed = listing.of(experiment, store.remote(), this::listed);
                Decision decision = observations(experiment, listed).decide(start);
                machine.capacity().check(decision, experiment);
                fingerprints.add(listed);
                decisions.add(decision);
            } catch (StageFailure | IOException | UncheckedIOException e) {
                StageFailure failure = FileErrors.known(e).orElseThrow();
                if (failure.exitCode() == ExitCode.INTERRUPTED) {
                    throw failure;
                }
                failures.add(several() ? failure.withMessage(name(i) + ": " + failure.getMessage()) : failure);
            }
        }
        if (!failures.isEmpty()) {
            throw StageFailure.joined(failures);
        }
        for (int i = 0; i < sources.size(); i++) {
            store.records().put(sources.get(i).tree(), sources.get(i).reading(), fingerprints.get(i), start);
        }
    }

    /** Shows the progress of a listing, which may take minutes, and ends it when the user asks to stop. */
    private void listed(String task, Progress progress) {
        output.display().progress(task, progress, Instant.now());
        if (stop.get()) {
            throw StageFailure.interrupted("stopped while raw data was listed, before anything ran");
        }
    }

    private LocalObservations observations(Experiment experiment, Map<String, String> listed) {
        return new LocalObservations(experiment, store.artifacts(), listed, refused);
    }

    /** Committed results and checkpoints of an unfinished experiment, as text; empty if there are none. */
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
        return String.join(", ", kept);
    }

    /** Prints the results so far, and says what is kept and how to go on. */
    private StageFailure interrupted(Map<ExperimentRun, Decision> unfinished) throws IOException {
        List<String> kept = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        for (Map.Entry<ExperimentRun, Decision> each : unfinished.entrySet()) {
            ExperimentRun run = each.getKey();
            String where = kept(each.getValue(), run.observations());
            if (several() && !begun.contains(index(run))) {
                rest.add(name(index(run)));
                decisions.set(index(run), each.getValue());
            } else {
                print(run, each.getValue());
                kept.add((several() ? name(index(run)) + ", " : "") + "kept: "
                        + (where.isEmpty() ? "nothing yet" : where) + "; ");
            }
        }
        printEnd();
        List<String> ended = exitCodes.keySet().stream().map(this::name).toList();
        return StageFailure.interrupted("stopped; "
                + (several() ? "ended before: " + names(ended) + "; " : "")
                + String.join("", kept)
                + (rest.isEmpty() ? "" : "not started: " + names(rest) + "; ")
                + "to go on: " + output.commandLine());
    }

    private static String names(List<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
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
        List<String> failed = exitCodes.entrySet().stream()
                .filter(code -> code.getValue() != ExitCode.DONE)
                .map(code -> name(code.getKey()))
                .toList();
        if (several() && !failed.isEmpty()) {
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
        Comparison.print(results, output.compared(), work, out);
    }
}
