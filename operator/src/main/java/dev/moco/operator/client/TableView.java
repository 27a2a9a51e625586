package dev.moco.operator.client;

import dev.moco.contract.ExitCode;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints the table of a sweep. */
public final class TableView {
    private TableView() {}

    public static int print(Target target, boolean everywhere, @Nullable String selector, PrintStream out) {
        try (ClusterClient cluster = ClusterClient.open(target)) {
            List<ExperimentView> experiments = cluster.experiments(everywhere, selector);
            out.print(PaperTable.of(experiments));
            return ExitCode.DONE;
        }
    }
}
