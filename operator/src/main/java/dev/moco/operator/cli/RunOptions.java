package dev.moco.operator.cli;

import dev.moco.contract.Experiment;
import dev.moco.operator.client.ExperimentView;
import dev.moco.operator.local.LocalMachine;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.ProgressDisplay;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.table.SweepTable;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Parameters and options of commands that run experiments on this machine. */
final class RunOptions {
    /** Description of the parameter FILE. */
    static final String FILE = "A MoCoExperiment, YAML or JSON, or several in one file, or a folder of such files, or a"
            + " Kustomize folder.";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec command;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print only failures, and where the reports are.")
    boolean quiet;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    WorkOptions options;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    DevicesOption devices;

    @Option(
            names = "--deterministic",
            description = "GPUs take only algorithms that add in the same order at every run, as with"
                    + " spec.resources.deterministic: the same kind of GPU then gives the same bytes, more slowly. A CPU always"
                    + " does.")
    boolean deterministic;

    /**
     * Runs experiments.
     *
     * @param start time since which they are read
     * @param compared makes the table at the end of several; without one, a row for each has the paper's columns
     * @param ended receives the decision about each after an end that was not an interruption
     * @return exit code of the first that failed
     */
    @SuppressWarnings("try") // the lock is only held
    int run(
            List<Source> sources,
            Instant start,
            Function<List<ExperimentView>, Optional<SweepTable>> compared,
            Consumer<List<Decision>> ended)
            throws IOException, InterruptedException {
        Sweep.checkNames(sources);
        List<Experiment> experiments = sources.stream().map(Source::experiment).toList();
        LocalMachine machine = devices.machine();
        WorkFolder work = new WorkFolder(options.work);
        ProgressDisplay display = quiet
                ? new ProgressDisplay(new PrintStream(OutputStream.nullOutputStream()), 0)
                : new ProgressDisplay(System.out, Terminal.columns());
        try (WorkFolder.Lock lock = work.lock();
                StopSignals signals = StopSignals.listen(() -> display.event(
                        "moco", "stopping, as asked; stages save checkpoints. Ctrl-C again leaves at once"));
                LocalStore store = LocalStore.open(work, options.store, experiments)) {
            display.event("moco", machine.described());
            work.sweep();
            Sweep sweep = new Sweep(
                    sources,
                    work,
                    store,
                    machine,
                    deterministic,
                    signals.requested(),
                    new Sweep.Output(display, quiet, compared, commandLine()));
            int code = sweep.run(start);
            ended.accept(sweep.decisions());
            return code;
        }
    }

    /** The command as a shell reads it, to be shown to who goes on with it. */
    private String commandLine() {
        return CommandLines.of(command.root().commandLine().getParseResult().originalArgs());
    }
}
