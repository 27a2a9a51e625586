package dev.moco.training.bench;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Measures what this machine makes; {@code moco bench} starts it in a process like a stage's. */
@Command(
        name = "moco bench",
        mixinStandardHelpOptions = true,
        version = "moco 0.1.0",
        description = {
            "Measures the production classes on this machine, before a long run is started on it.",
            "Figures are medians, least and most of what follows the warm-up; memory is the peak of the process."
        },
        footer = {
            "",
            "Without options `moco bench step` is a MoCo v2 step of ResNet-50 at 224 px, batch 32, K 65,536.",
            "`moco bench step --data DIR` feeds it from JPEGs, and says whether the loader keeps up."
        },
        subcommands = {
            StepBench.class,
            InputBench.class,
            DetectBench.class,
            StoreBench.class,
            AugmentBench.class,
            NcclBench.class
        })
public final class BenchMain implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
    Output output = Output.text;

    @Option(
            names = "--work",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            defaultValue = ".moco",
            description =
                    "Folder of the engine's libraries, of scratch files, and of the step times that `moco plan` reads."
                            + " Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path work;

    /** Forms of the answer, as they are typed. */
    enum Output {
        text,
        json
    }

    /** Ends with one of {@link ExitCode}. */
    public static void main(String... arguments) {
        // Numbers read the same in every locale.
        Locale.setDefault(Locale.ROOT);
        // Standard output is the answer's.
        System.setProperty("logback.configurationFile", "dev/moco/training/bench/logback.xml");
        System.exit(execute(arguments));
    }

    /** Runs a bench and returns its exit code; a known failure is one message. */
    static int execute(String... arguments) {
        return new CommandLine(new BenchMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof StageFailure known) {
                        System.err.println("moco: " + known.getMessage());
                        return known.exitCode();
                    }
                    if (failure instanceof IOException || failure instanceof UncheckedIOException) {
                        System.err.println("moco: input or output failed: " + failure.getMessage());
                        return ExitCode.FAULT;
                    }
                    failure.printStackTrace();
                    return ExitCode.FAULT;
                })
                .setParameterExceptionHandler((error, unused) -> {
                    System.err.println("moco: " + error.getMessage());
                    error.getCommandLine().usage(System.err);
                    return ExitCode.BAD_CONFIG;
                })
                .execute(arguments);
    }

    void print(BenchReport report, int threads) {
        System.out.println(report.write(output, threads));
    }

    /** A sign of life: some repetitions take minutes. */
    static void say(String message) {
        System.err.println("moco: " + message);
    }

    /** Fails unless an option has at least its least value. */
    static void require(String option, long value, long least) {
        if (value < least) {
            throw StageFailure.badConfig(option + " must be at least " + least + ", found " + value);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "no bench given; they are step, input, detect, store, augment and nccl");
    }
}
