package dev.moco.operator.cli;

import dev.moco.operator.client.TableView;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moco table}: results of a sweep in one table. */
@Command(
        name = "table",
        mixinStandardHelpOptions = true,
        description =
                "Prints experiments of the cluster as one table like the paper's, in Markdown: each metric with the"
                        + " paper's and the difference beside it.")
final class TableCommand implements Callable<Integer> {
    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "Only experiments with these labels, such as moco.dev/table=1.")
    @Nullable
    String selector;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Experiments of every namespace.")
    boolean everywhere;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ClusterOptions cluster;

    @Override
    public Integer call() {
        return TableView.print(cluster.target(), everywhere, selector, System.out);
    }
}
