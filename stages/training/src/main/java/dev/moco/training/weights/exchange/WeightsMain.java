package dev.moco.training.weights.exchange;

import dev.moco.contract.ExitCode;
import dev.moco.contract.FileErrors;
import dev.moco.contract.Printable;
import dev.moco.contract.StageFailure;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Reads and writes encoders of other programs; {@code moco weights} starts it. It loads no engine. */
@Command(
        name = "moco weights",
        mixinStandardHelpOptions = true,
        version = "moco 0.1.0",
        description = "Reads encoders of other programs, and writes encoders for them.",
        subcommands = {ImportCommand.class, ExportCommand.class})
public final class WeightsMain implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    /** Exits with one of {@link ExitCode}. */
    public static void main(String... arguments) {
        // Number formatting must not depend on the locale of the system.
        Locale.setDefault(Locale.ROOT);
        System.exit(execute(arguments));
    }

    /** Runs a command and returns its exit code; a failure with a known cause is printed as one line. */
    static int execute(String... arguments) {
        return new CommandLine(new WeightsMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    StageFailure known = FileErrors.known(failure).orElse(null);
                    if (known == null) {
                        throw failure;
                    }
                    print(String.valueOf(known.getMessage()));
                    return known.exitCode();
                })
                .setParameterExceptionHandler((error, unused) -> {
                    print(String.valueOf(error.getMessage()));
                    error.getCommandLine().usage(System.err);
                    return ExitCode.BAD_CONFIG;
                })
                .execute(arguments);
    }

    private static void print(String message) {
        System.err.println("moco: " + Printable.message(message));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given; choose import or export");
    }
}
