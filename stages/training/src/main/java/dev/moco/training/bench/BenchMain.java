package dev.moco.training.bench;

import dev.moco.contract.ExitCode;
import dev.moco.contract.FileErrors;
import dev.moco.contract.StageFailure;
import dev.moco.contract.local.Program;
import dev.moco.training.engine.EngineErrors;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Measures the speed of this machine; {@code moco bench} starts it in a process like that of a stage. */
@Command(
        name = "moco bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures the code of the stages on this machine, before a long run is started on it.",
            "Rates are the median, lowest and highest after the warm-up; memory is the peak of the process."
        },
        footer = {
            "",
            "Without options `moco bench step` is a MoCo v2 step of ResNet-50 at 224 px, batch 32, K 65,536.",
            "`moco bench step --data DIR` reads JPEGs instead of random images, and reports whether the loader keeps up.",
            "`moco bench world --device cuda --data DIR` measures all GPUs of this machine together."
        },
        subcommands = {
            StepBench.class,
            InputBench.class,
            DetectBench.class,
            StoreBench.class,
            AugmentBench.class,
            NcclBench.class,
            WorldBench.class,
            WorldMember.class
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
                    "Folder for the engine's libraries, temporary files, and the step times that `moco plan` reads."
                            + " Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path work;

    /** Formats of the report, named as on the command line. */
    enum Output {
        text,
        json
    }

    /** Exits with one of {@link ExitCode}. */
    public static void main(String... arguments) {
        // Number formatting must not depend on the locale of the system.
        Locale.setDefault(Locale.ROOT);
        // Standard output holds the report only, so logs go to standard error.
        System.setProperty("logback.configurationFile", "dev/moco/training/bench/logback.xml");
        System.exit(execute(arguments));
    }

    /** Runs a bench and returns its exit code; a failure with a known cause is printed as one line. */
    static int execute(String... arguments) {
        return Program.execute(
                new CommandLine(new BenchMain()).setCaseInsensitiveEnumValuesAllowed(true),
                failure -> FileErrors.known(failure).or(() -> EngineErrors.known(failure)),
                arguments);
    }

    void print(BenchReport report, int threads) {
        System.out.println(report.write(output, threads));
    }

    /** Prints progress to standard error, as some repetitions take minutes. */
    static void printProgress(String message) {
        System.err.println("moco: " + message);
    }

    /** Fails if an option is below its minimum. */
    static void requireAtLeast(String option, long value, long minimum) {
        if (value < minimum) {
            throw StageFailure.badConfig(option + " must be at least " + minimum + ", found " + value);
        }
    }

    @Override
    public void run() {
        throw Program.noCommand(spec);
    }
}
