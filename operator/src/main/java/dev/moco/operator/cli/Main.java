package dev.moco.operator.cli;

import dev.moco.contract.ExitCode;
import dev.moco.contract.FileErrors;
import dev.moco.contract.Printable;
import dev.moco.contract.StageFailure;
import dev.moco.contract.local.Subcommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code moco}: the command line. */
@Command(
        name = "moco",
        mixinStandardHelpOptions = true,
        version = "moco 0.1.0",
        description = "Runs MoCo experiments: pre-training, linear classification and detection.",
        subcommands = {
            RunCommand.class,
            PlanCommand.class,
            StatusCommand.class,
            LogsCommand.class,
            ReportCommand.class,
            TableCommand.class,
            InitCommand.class,
            BenchCommand.class,
            WeightsCommand.class,
            OperatorCommand.class
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    /** Exits with one of {@link ExitCode}. */
    public static void main(String... arguments) {
        // Number formatting must not depend on the locale of the system.
        Locale.setDefault(Locale.ROOT);
        System.exit(execute(arguments));
    }

    /** Runs a command and returns its exit code; a known failure prints one message. */
    public static int execute(String... arguments) {
        CommandLine moco = new CommandLine(new Main());
        // In a checkout, adds the commands of the local cluster.
        ServiceLoader.load(Subcommand.class).forEach(moco::addSubcommand);
        return moco.setExecutionExceptionHandler((failure, command, parsed) -> {
                    StageFailure known = FileErrors.known(failure).orElse(null);
                    if (known != null) {
                        print(String.valueOf(known.getMessage()));
                        return known.exitCode();
                    }
                    StringWriter trace = new StringWriter();
                    failure.printStackTrace(new PrintWriter(trace));
                    System.err.print(Printable.lines(trace.toString()));
                    return ExitCode.FAULT;
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
        throw new ParameterException(spec.commandLine(), "no command given");
    }
}
