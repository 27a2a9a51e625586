package dev.moco.training.weights.exchange;

import dev.moco.contract.ExitCode;
import dev.moco.contract.local.Program;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Reads and writes encoders of other programs; {@code moco weights} starts it. It loads no engine. */
@Command(
        name = "moco weights",
        mixinStandardHelpOptions = true,
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
        return Program.execute(new CommandLine(new WeightsMain()).setCaseInsensitiveEnumValuesAllowed(true), arguments);
    }

    @Override
    public void run() {
        throw Program.noCommand(spec);
    }
}
