package dev.moco.operator.cli;

import dev.moco.operator.client.LocalExperiments;
import dev.moco.operator.client.LocalResults;
import dev.moco.operator.client.TableFormat;
import dev.moco.operator.client.TableView;
import dev.moco.operator.report.PublishedTable;
import java.io.IOException;
import java.nio.file.Path;
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

/** {@code moco table}: many experiments in one table. */
@Command(
        name = "table",
        mixinStandardHelpOptions = true,
        description = {
            "Prints experiments as one table: of the cluster, of a work folder with --work, of a bucket with --store, or of files"
                    + " with their results there.",
            "TABLE: 1, 2, 3 or temperature, in the paper's layout, with ours, the paper's, the difference, the spread over"
                    + " trials or seeds, and what the missing cells would cost. Without it a row for each experiment,"
                    + " in Markdown.",
            "FILE: an experiment, or a folder of them, or a Kustomize folder."
        })
final class TableCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "[TABLE] [FILE...]",
            arity = "0..*",
            description = "A table of the paper, then files of experiments. Default: all experiments there.")
    List<String> arguments = List.of();

    @Option(
            names = {"-o", "--output"},
            description = "${COMPLETION-CANDIDATES}, of TABLE. Default: text")
    @Nullable
    TableFormat output;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "Only experiments of the cluster with these labels, such as moco.dev/table=1.")
    @Nullable
    String selector;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Of a cluster: experiments of every namespace.")
    boolean everywhere;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    PlaceOptions place;

    @Override
    public Integer call() throws IOException {
        Optional<PublishedTable> layout = arguments.stream().findFirst().flatMap(PublishedTable::of);
        List<Path> files = arguments.stream()
                .skip(layout.isPresent() ? 1 : 0)
                .map(Path::of)
                .toList();
        if (layout.isEmpty() && output != null && output != TableFormat.markdown) {
            throw new ParameterException(
                    spec.commandLine(), "without TABLE the format is markdown, found -o " + output);
        }
        TableView view = new TableView(layout.orElse(null), output == null ? TableFormat.text : output);
        if (files.isEmpty()) {
            if (selector != null || everywhere || place.isCluster()) {
                return view.ofCluster(place.target(), everywhere, selector, System.out);
            }
            try (LocalExperiments experiments = place.openLocal()) {
                return view.ofFiles(LocalResults.of(experiments), System.out);
            }
        }
        if (selector != null || everywhere || place.cluster.given()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "FILE is an experiment on this machine; -l, -A, -n, --context and --kubeconfig"
                            + " choose those of a cluster");
        }
        return view.ofFiles(LocalResults.read(files, place.work(), place.local.store), System.out);
    }
}
