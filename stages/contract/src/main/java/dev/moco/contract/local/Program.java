package dev.moco.contract.local;

import dev.moco.contract.ExitCode;
import dev.moco.contract.FileErrors;
import dev.moco.contract.NearestName;
import dev.moco.contract.Printable;
import dev.moco.contract.StageFailure;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads the arguments of every program with commands, and reports its failures: in one message, with one exit code. */
public final class Program {
    /** Answer to {@code --version}; the launcher takes it from the pom. */
    public static final String VERSION = "moco 0.1.0";

    /** Property with the width of the terminal, in columns; 0 or none without a terminal. */
    public static final String COLUMNS = "moco.columns";

    private static final int USUAL_COLUMNS = 80;
    private static final int FEWEST_COLUMNS = 60;

    private Program() {}

    /** Runs a command and returns its exit code, one of {@link ExitCode}; a known failure prints one message. */
    public static int execute(CommandLine program, String... arguments) {
        return execute(program, FileErrors::known, arguments);
    }

    /**
     * Does the same.
     *
     * @param known the failure with a cause that stands for another one; empty if the cause is not known
     */
    public static int execute(
            CommandLine program, Function<Exception, Optional<StageFailure>> known, String... arguments) {
        setVersion(program);
        int columns = Integer.getInteger(COLUMNS, 0);
        return program.setUsageHelpWidth(columns == 0 ? USUAL_COLUMNS : Math.max(FEWEST_COLUMNS, columns))
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, known))
                .setParameterExceptionHandler((error, given) -> {
                    print(message(error));
                    CommandSpec command = error.getCommandLine().getCommandSpec();
                    System.err.print(
                            "Usage: " + error.getCommandLine().getHelp().synopsis("Usage: ".length()));
                    System.err.println("`" + command.qualifiedName() + " --help` describes it.");
                    return ExitCode.BAD_CONFIG;
                })
                .execute(arguments);
    }

    /** Every command answers {@code --version}. */
    private static void setVersion(CommandLine command) {
        command.getCommandSpec().version(VERSION);
        command.getSubcommands().values().forEach(Program::setVersion);
    }

    /** The refusal of a command that only has other commands. */
    public static ParameterException noCommand(CommandSpec command) {
        return new ParameterException(
                command.commandLine(), "no command given; commands are: " + String.join(", ", commands(command)));
    }

    private static int failed(Exception failure, Function<Exception, Optional<StageFailure>> known) {
        StageFailure cause = known.apply(failure).orElse(null);
        if (cause != null) {
            print(String.valueOf(cause.getMessage()));
            return cause.exitCode();
        }
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        System.err.print(Printable.lines(trace.toString()));
        return ExitCode.FAULT;
    }

    private static void print(String message) {
        System.err.println("moco: " + Printable.message(message));
    }

    private static String message(ParameterException error) {
        CommandSpec command = error.getCommandLine().getCommandSpec();
        if (error instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String found = unmatched.getUnmatched().get(0);
            if (found.startsWith("-")) {
                return misspelled(
                        found.replaceFirst("=.*", ""), "an option of " + command.qualifiedName(), options(command));
            } else if (!command.subcommands().isEmpty()) {
                return misspelled(found, "a command", commands(command));
            }
        }
        return String.valueOf(error.getMessage());
    }

    private static String misspelled(String found, String kind, Collection<String> known) {
        return "\"" + found + "\" is not " + kind + "; nearest is \"" + NearestName.of(found, known) + "\", known are: "
                + String.join(", ", known);
    }

    private static List<String> options(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .map(option -> option.longestName())
                .sorted()
                .toList();
    }

    /** Names of a command's commands, in the order of its help. */
    private static List<String> commands(CommandSpec command) {
        return command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(other -> !other.usageMessage().hidden())
                .map(CommandSpec::name)
                .distinct()
                .collect(Collectors.toList());
    }
}
