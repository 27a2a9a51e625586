package dev.moco.operator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.ExitCode;
import dev.moco.operator.client.LocalExperiments;
import dev.moco.operator.client.LocalStatus;
import dev.moco.operator.client.Screen;
import dev.moco.operator.client.StatusView;
import dev.moco.operator.local.ReportFiles;
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

/** {@code moco status}: progress of experiments. */
@Command(
        name = "status",
        aliases = "list",
        mixinStandardHelpOptions = true,
        description = {
            "Prints one line for each experiment; with NAME, one line for each stage: of the cluster, of a work folder with"
                    + " --work, of a bucket with --store.",
            "With -w it follows to the end and exits with 0 on success, 1 on failure or cancellation."
        })
final class StatusCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "The experiment. Default: all.")
    @Nullable
    String name;

    @Option(
            names = {"-w", "--watch"},
            description = "Follow to the end: redrawn on a terminal, else one line for each change.")
    boolean watch;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "Of a cluster: only experiments with these labels, such as moco.dev/table=1.")
    @Nullable
    String selector;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Of a cluster: experiments of every namespace.")
    boolean everywhere;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description =
                    "${COMPLETION-CANDIDATES}; wide adds loss, images/s, GPU-hours, the paper's top-1 and the"
                            + " reason, or of one experiment keys and pods; json and yaml are the resources. Default: ${DEFAULT-VALUE}")
    StatusFormat output = StatusFormat.text;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    PlaceOptions place;

    /** Output formats. */
    enum StatusFormat {
        text,
        wide,
        json,
        yaml
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (name != null && (selector != null || everywhere)) {
            throw new ParameterException(spec.commandLine(), "-l and -A cannot be combined with NAME");
        }
        boolean document = output == StatusFormat.json || output == StatusFormat.yaml;
        if (document && watch) {
            throw new ParameterException(spec.commandLine(), "-w cannot be combined with -o " + output);
        }
        boolean wide = output == StatusFormat.wide;
        if (selector == null && !everywhere && !place.isCluster()) {
            try (LocalExperiments experiments = place.openLocal()) {
                if (document) {
                    print(LocalStatus.resources(experiments, name));
                    return ExitCode.DONE;
                }
                return LocalStatus.show(experiments, name, wide, watch, screen());
            }
        } else if (document) {
            print(StatusView.resources(place.target(), name, everywhere, selector));
            return ExitCode.DONE;
        }
        return name != null
                ? StatusView.one(place.target(), name, wide, watch, screen())
                : StatusView.all(place.target(), everywhere, selector, wide, watch, screen());
    }

    private void print(JsonNode resources) throws IOException {
        String text = output == StatusFormat.yaml ? ReportFiles.yaml(resources) : ReportFiles.json(resources);
        System.out.print(text.stripTrailing() + "\n");
    }

    private static Screen screen() {
        return new Screen(System.out, Terminal.isThere(), Terminal.rows());
    }
}
