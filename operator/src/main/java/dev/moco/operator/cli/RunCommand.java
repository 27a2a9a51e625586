package dev.moco.operator.cli;

import dev.moco.contract.Printable;
import dev.moco.operator.local.RecordedRun;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.RunComparison;
import dev.moco.operator.spec.ExperimentFiles;
import java.io.IOException;
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
            "Runs experiments on this machine from where they were left, side by side where there are cores, memory and GPUs.",
            "Several end with the table of all, as of `moco table`; what they share runs once, and one that fails does not"
                    + " keep the others from running. `moco sweep` varies a field."
        })
final class RunCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "0..*", description = RunOptions.FILE)
    List<Path> files = List.of();

    @Option(
            names = "--from-status",
            paramLabel = "FILE",
            description =
                    "Repeat the run of a report's status.json, or of a resource with its status, and compare results.")
    @Nullable
    Path recorded;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    RunOptions options;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant start = Instant.now();
        if (files.isEmpty() == (recorded == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    files.isEmpty() ? "Missing required parameter: 'FILE'" : "--from-status takes the place of FILE");
        }
        if (recorded == null) {
            return options.run(ExperimentFiles.read(files), start, views -> Optional.empty(), decisions -> {});
        }
        RecordedRun run = RecordedRun.read(recorded);
        return options.run(
                List.of(run.source()),
                start,
                views -> Optional.empty(),
                decisions -> printComparison(run, decisions.get(0)));
    }

    /** Prints what is equal to a recorded run and what is not, even with {@code -q}: it was asked for. */
    private static void printComparison(RecordedRun run, Decision decision) {
        System.out.println("\nCompared with " + run.file() + ":\n");
        RunComparison.lines(run.status(), ReportInput.withoutLogs(run.source().experiment(), decision))
                .forEach(line -> System.out.println(Printable.line(line)));
    }

    /** Folder of the launcher: a checkout or a release. */
    static Path home() {
        return Path.of(System.getProperty("moco.home", "."));
    }
}
