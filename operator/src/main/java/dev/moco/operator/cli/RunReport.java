package dev.moco.operator.cli;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.Experiment;
import dev.moco.contract.Printable;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.local.RecordedRun;
import dev.moco.operator.local.ReportFiles;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.ResultTable;
import dev.moco.operator.report.StatusReport;
import dev.moco.operator.storage.ReportLogs;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Results of an experiment on this machine: files in the work folder, and what a terminal shows of them. */
final class RunReport {
    private static final String PAGE = "report.html";

    private RunReport() {}

    /** The report of an experiment as a page. */
    static Path page(WorkFolder work, String experiment) {
        return work.reports(experiment).resolve(PAGE);
    }

    /**
     * Writes the files, and prints the results so far.
     *
     * @param origin where the experiment is from
     * @param start time since which the experiment runs
     * @param out receives the results and the names of the files
     */
    static void print(
            Experiment experiment,
            RecordedRun.Origin origin,
            WorkFolder work,
            ArtifactStore store,
            Decision decision,
            Instant start,
            PrintStream out)
            throws IOException {
        ReportInput input = ReportLogs.fetch(experiment, decision, store, work.cache());
        MoCoExperimentStatus status = StatusReport.of(decision, input, Map.of());
        Path folder = work.reports(experiment.name());
        ReportFiles.write(folder, status, input, decision, origin);
        String age = StatusReport.eta(Duration.between(start, Instant.now()).toMillis() / 1000.0);
        out.println();
        out.println(ResultTable.of(experiment.name(), status.summary(), age));
        out.println();
        for (MoCoExperimentStatus.Result result : status.results()) {
            out.printf(
                    "%-36s %s%s%s%n",
                    result.metric(),
                    result.value(),
                    result.gain().isEmpty() ? "" : "   untrained " + result.untrained() + ", gain " + result.gain(),
                    result.difference().isEmpty()
                            ? ""
                            : "   paper " + result.paper() + " (" + result.difference() + ")");
        }
        print(folder, out);
    }

    /** Prints the names of the files. */
    static void print(Path folder, PrintStream out) {
        ReportFiles.NAMES.forEach(name -> out.println(folder.resolve(name)));
        Path events = folder.resolve(ReportFiles.EVENTS);
        if (Files.isDirectory(events)) {
            out.println(events);
        }
    }

    /**
     * Prints to standard error which tasks failed, and why.
     *
     * @param where text before the name of a task
     */
    static void printFailures(Decision decision, String where) {
        for (PlannedTask task : decision.tasks()) {
            if (task.state() == TaskState.FAILED) {
                System.err.println("moco: " + where + task.task().name() + ": " + Printable.line(task.reason()));
            }
        }
    }
}
