package dev.moco.operator.client;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Printable;
import dev.moco.operator.local.ReportFiles;
import dev.moco.operator.report.PublishedTable;
import dev.moco.operator.report.TableEntry;
import dev.moco.operator.report.table.ResultsTable;
import dev.moco.operator.report.table.TableCsv;
import dev.moco.operator.report.table.TableHtml;
import dev.moco.operator.report.table.TableLatex;
import dev.moco.operator.report.table.TableMarkdown;
import dev.moco.operator.report.table.TableText;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prints experiments as one table.
 *
 * @param layout table of the paper; null for a row for each experiment, in Markdown
 * @param format format of a table of the paper
 */
public record TableView(@Nullable PublishedTable layout, TableFormat format) {

    /** Prints experiments of a cluster. */
    public int ofCluster(Target target, boolean everywhere, @Nullable String selector, PrintStream out)
            throws IOException {
        try (ClusterClient cluster = ClusterClient.open(target)) {
            List<ExperimentView> experiments = cluster.experiments(everywhere, selector);
            print(experiments, experiments.stream().map(StatusEntry::of).toList(), out);
            return ExitCode.DONE;
        }
    }

    /** Prints experiments of files. */
    public int ofFiles(List<LocalResults> results, PrintStream out) throws IOException {
        print(
                results.stream().map(LocalResults::view).toList(),
                results.stream().map(LocalResults::entry).toList(),
                out);
        return ExitCode.DONE;
    }

    private void print(List<ExperimentView> experiments, List<TableEntry> entries, PrintStream out) throws IOException {
        out.print(
                layout == null
                        ? PaperTable.of(experiments)
                        : Printable.lines(text(layout.with(entries))).stripTrailing() + "\n");
    }

    private String text(ResultsTable table) throws IOException {
        return switch (format) {
            case text -> TableText.of(table);
            case markdown -> TableMarkdown.of(table);
            case csv -> TableCsv.of(table);
            case latex -> TableLatex.of(table);
            case json -> ReportFiles.json(table);
            case html -> TableHtml.of(table);
        };
    }
}
