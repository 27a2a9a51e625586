package dev.moco.operator.cli;

import dev.moco.contract.Experiment;
import dev.moco.contract.Printable;
import dev.moco.operator.local.LocalMachine;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.ProgressDisplay;
import dev.moco.operator.local.RecordedRun;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.RunComparison;
import dev.moco.operator.spec.ExperimentFiles;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moco run}: runs experiments on this machine. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs experiments on this machine, one after another, from where they were left.",
            "Several end with the table of all, as of `moco table`; what they share runs once, and one that fails does not"
                    + " keep the others from running."
        })
final class RunCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description =
                    "A MoCoExperiment, YAML or JSON, or several in one file, or a folder of such files; a Kustomize"
                            + " folder needs kubectl.")
    List<Path> files = List.of();

    @Option(
            names = "--from-status",
            paramLabel = "FILE",
            description = "Repeat the run of a report's status.json, or of a resource with its status, and compare results.")
    @Nullable
    Path recorded;

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

    @Override
    @SuppressWarnings("try") // the lock is only held
    public Integer call() throws Exception {
        Instant start = Instant.now();
        if (files.isEmpty() == (recorded == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    files.isEmpty() ? "Missing required parameter: 'FILE'" : "--from-status takes the place of FILE");
        }
        Optional<RecordedRun> other = Optional.ofNullable(recorded).map(RecordedRun::read);
        List<ExperimentFiles.Source> sources = other.isPresent()
                ? List.of(other.get().source())
                : ExperimentFiles.read(files);
        Sweep.checkNames(sources);
        List<Experiment> experiments =
                sources.stream().map(ExperimentFiles.Source::experiment).toList();
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
                            new Sweep.Output(display, quiet, commandLine()));
            int code = sweep.run(start);
            other.ifPresent(run -> printComparison(run, sources.get(0).experiment(), sweep.decision(0)));
            return code;
        }
    }

    /** Prints what is equal to a recorded run and what is not, even with {@code -q}: it was asked for. */
    private static void printComparison(RecordedRun run, Experiment experiment, Decision decision) {
        System.out.println("\nCompared with " + run.file() + ":\n");
        RunComparison.lines(run.status(), ReportInput.withoutLogs(experiment, decision))
                .forEach(line -> System.out.println(Printable.line(line)));
    }

    /** The command as a shell reads it, to be shown to who goes on with it. */
    private String commandLine() {
        return CommandLines.of(spec.root().commandLine().getParseResult().originalArgs());
    }

    /** Folder of the launcher: a checkout or a release. */
    static Path home() {
        return Path.of(System.getProperty("moco.home", "."));
    }
}
