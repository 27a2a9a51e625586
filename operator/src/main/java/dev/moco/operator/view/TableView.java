package dev.moco.operator.view;

import dev.moco.contract.ExitCode;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints a sweep's table. */
public final class TableView {
    private TableView() {}

    public static int print(Target target, boolean everywhere, @Nullable String selector, PrintStream out) {
        try (Cluster cluster = Cluster.open(target)) {
            List<ExperimentView> experiments = cluster.experiments(everywhere, selector);
            out.print(PaperTable.of(experiments));
            return ExitCode.DONE;
        }
    }
}
