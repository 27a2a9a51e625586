package dev.moco.operator.cli;

import dev.moco.operator.client.LocalResults;
import dev.moco.operator.client.TableFormat;
import dev.moco.operator.client.TableView;
import dev.moco.operator.local.WorkFolder;
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
            "Prints experiments as one table: of the cluster, or of files with their results in a work folder or a bucket.",
            "TABLE: 1, 2, 3 or temperature, in the paper's layout, with ours, the paper's, the difference, the spread over"
                    + " trials or seeds, and what the missing cells would cost. Without it a row for each experiment,"
                    + " in Markdown.",
            "FILE: an experiment, or a folder of them; a Kustomize folder needs kubectl."
        })
final class TableCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "[TABLE] [FILE...]",
            arity = "0..*",
            description = "A table of the paper, then experiments on this machine. Default: those of the cluster.")
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
            description = "Experiments of every namespace.")
    boolean everywhere;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    WorkOptions options;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ClusterOptions cluster;

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
            if (options.store != null) {
                throw new ParameterException(spec.commandLine(), "--store needs FILE; a cluster has its own store");
            }
            return view.ofCluster(cluster.target(), everywhere, selector, System.out);
        }
        if (selector != null || everywhere || cluster.given()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "FILE is an experiment on this machine; -l, -A, -n, --context and --kubeconfig"
                            + " choose those of a cluster");
        }
        return view.ofFiles(LocalResults.read(files, new WorkFolder(options.work), options.store), System.out);
    }
}
