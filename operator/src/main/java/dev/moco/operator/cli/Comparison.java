package dev.moco.operator.cli;

import dev.moco.contract.Printable;
import dev.moco.operator.client.ExperimentView;
import dev.moco.operator.client.LocalResults;
import dev.moco.operator.client.TableFormat;
import dev.moco.operator.client.TableView;
import dev.moco.operator.local.ReportFiles;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.report.table.SweepTable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Results of several experiments, at the end of their run. */
final class Comparison {
    private Comparison() {}

    /**
     * Prints one table of all.
     *
     * @param compared makes a table that has a plot, and a page of both; without one, a row for each has the paper's columns
     */
    static void print(
            List<LocalResults> results,
            Function<List<ExperimentView>, Optional<SweepTable>> compared,
            WorkFolder work,
            PrintStream out)
            throws IOException {
        out.println();
        List<ExperimentView> views = results.stream().map(LocalResults::view).toList();
        Optional<SweepTable> varied = compared.apply(views);
        if (varied.isEmpty()) {
            new TableView(null, TableFormat.text).ofFiles(results, out);
            out.println();
            return;
        }
        varied.get().lines().forEach(line -> out.println(Printable.lines(line)));
        out.println();
        Path page = Files.createDirectories(work.sweeps()).resolve(name(views) + ".html");
        System.out.println(ReportFiles.replace(page, varied.get().html()));
    }

    /** Beginning that the names of experiments have in common, without numbers at its end; or the first name. */
    private static String name(List<ExperimentView> views) {
        String first = views.get(0).name();
        String common = first;
        for (ExperimentView view : views) {
            while (!view.name().startsWith(common)) {
                common = common.substring(0, common.length() - 1);
            }
        }
        String name = common.replaceFirst("(?:-[0-9]*)+$", "");
        return name.isEmpty() ? first : name;
    }
}
