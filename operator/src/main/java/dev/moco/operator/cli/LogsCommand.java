package dev.moco.operator.cli;

import dev.moco.operator.client.LocalExperiments;
import dev.moco.operator.client.LocalLogs;
import dev.moco.operator.client.StageLogs;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moco logs}: the log of a stage. */
@Command(
        name = "logs",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the log of a stage: of its newest pod in the cluster, or with --work of a run on this machine.",
            "With -f it follows the log until the stage has ended, across replaced pods."
        })
final class LogsCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(index = "0", paramLabel = "NAME", description = "The experiment.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    String name;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "STAGE",
            description = "A stage as `moco status NAME` lists it, such as pretrain or detect-1."
                    + " Default: the one that runs, or the last that ran.")
    @Nullable
    String stage;

    @Option(
            names = {"-f", "--follow"},
            description = "Follow the log until the stage has ended.")
    boolean follow;

    @Option(
            names = {"-p", "--previous"},
            description = "In a cluster: print the log of the pod before the newest.")
    boolean previous;

    @Option(names = "--tail", paramLabel = "LINES", defaultValue = "-1", description = "Only the newest lines.")
    int tail;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    PlaceOptions place;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (follow && previous) {
            throw new ParameterException(
                    spec.commandLine(), "--previous cannot be combined with -f, which follows the newest pod");
        }
        StageLogs.LogRequest request = new StageLogs.LogRequest(stage, follow, previous, tail);
        if (!place.isCluster()) {
            if (previous) {
                throw new ParameterException(
                        spec.commandLine(), "--previous is for a cluster; here the log has every attempt");
            }
            try (LocalExperiments experiments = place.openLocal()) {
                return LocalLogs.show(experiments, name, request, System.out);
            }
        }
        return StageLogs.show(place.target(), name, request, System.out, System.err);
    }
}
