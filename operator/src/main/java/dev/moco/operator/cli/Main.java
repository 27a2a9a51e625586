package dev.moco.operator.cli;

import dev.moco.contract.ExitCode;
import dev.moco.contract.local.Program;
import dev.moco.contract.local.Subcommand;
import java.util.Locale;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code moco}: the command line. */
@Command(
        name = "moco",
        mixinStandardHelpOptions = true,
        description = "Runs MoCo experiments: pre-training, linear classification and detection.",
        footer = {
            "",
            "list (or status), logs, report, table, where, du and gc are about a work folder with --work, about a bucket with"
                    + " --store, else about the cluster if one is configured. Only operator, plan -f and kubectl need a"
                    + " cluster."
        },
        subcommands = {
            RunCommand.class,
            SweepCommand.class,
            PlanCommand.class,
            StatusCommand.class,
            LogsCommand.class,
            ReportCommand.class,
            TableCommand.class,
            WhereCommand.class,
            DuCommand.class,
            GcCommand.class,
            EvalCommand.class,
            InitCommand.class,
            BenchCommand.class,
            WeightsCommand.class,
            ExplainCommand.class,
            OperatorCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
            HelpCommand.class
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
        return Program.execute(moco, arguments);
    }

    @Override
    public void run() {
        throw Program.noCommand(spec);
    }
}
