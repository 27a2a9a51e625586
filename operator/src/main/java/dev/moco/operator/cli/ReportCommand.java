package dev.moco.operator.cli;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.client.ClusterReport;
import dev.moco.operator.client.ReportFormat;
import dev.moco.operator.client.StoreChoice;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.RecordedRun;
import dev.moco.operator.local.ReportFiles;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.HtmlReport;
import dev.moco.operator.report.MarkdownReport;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.StatusReport;
import dev.moco.operator.spec.ExperimentFile;
import dev.moco.operator.storage.ReportLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moco report}: the results so far, without running anything. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Reports the results of an experiment so far: in a cluster by its name, or on this machine by its file; or compares"
                    + " several.",
            "An argument that is a file, or has a dot or a slash in it, is a file; with -n, --context or --kubeconfig"
                    + " it is a name."
        })
final class ReportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "NAME|FILE",
            arity = "1..*",
            description = "An experiment in the cluster, or the file of one that ran on this machine. Several files are"
                    + " compared on one page, comparison.html.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    List<String> experiments;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES}, to standard output. Default: ${DEFAULT-VALUE}")
    ReportFormat output = ReportFormat.text;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write status.{json,yaml}, report.{html,md,csv} and tensorboard/ there instead."
                    + " Default for a file: reports/ in the work folder.")
    @Nullable
    Path out;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "URL of the cluster's S3 from here, if it differs from the URL within the cluster.")
    @Nullable
    String endpoint;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    WorkOptions options;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ClusterOptions cluster;

    @Override
    public Integer call() throws Exception {
        if (out != null && output != ReportFormat.text) {
            throw new ParameterException(
                    spec.commandLine(), "-o cannot be combined with --out, which writes every format");
        }
        if (experiments.size() > 1) {
            return comparison();
        }
        String experiment = experiments.get(0);
        return isFile(experiment) && !cluster.given() ? ofFile(Path.of(experiment)) : ofCluster(experiment);
    }

    /** Writes the page of several experiments of files, or prints it with {@code -o html}. */
    private int comparison() throws Exception {
        if (cluster.given() || !experiments.stream().allMatch(ReportCommand::isFile)) {
            throw new ParameterException(
                    spec.commandLine(), "several experiments are compared by their files, not by names in a cluster");
        }
        if (output != ReportFormat.text && output != ReportFormat.html) {
            throw new ParameterException(spec.commandLine(), "a comparison is a page: use -o html, or --out");
        }
        WorkFolder work = new WorkFolder(options.work);
        List<ReportInput> inputs = new ArrayList<>();
        for (String file : experiments) {
            Experiment read = ExperimentFile.read(Path.of(file));
            try (LocalStore store = LocalStore.open(work, options.store, read)) {
                Decision decision =
                        new LocalObservations(read, store.artifacts(), store.remote()).decide(Instant.now());
                inputs.add(ReportLogs.fetch(read, decision, store.artifacts(), work.cache()));
            }
        }
        String page = HtmlReport.of(inputs);
        if (output == ReportFormat.html) {
            System.out.println(page.stripTrailing());
            return ExitCode.DONE;
        }
        Path folder = Files.createDirectories(out == null ? work.reports("") : out);
        System.out.println(ReportFiles.replace(folder.resolve("comparison.html"), page));
        return ExitCode.DONE;
    }

    /** No name of a resource has a dot or a slash. */
    static boolean isFile(String argument) {
        return argument.contains(".") || argument.contains("/") || Files.isRegularFile(Path.of(argument));
    }

    private int ofCluster(String experiment) throws IOException {
        StoreChoice store = new StoreChoice(options.store, endpoint);
        Path cache = new WorkFolder(options.work).cache();
        if (out != null) {
            return ClusterReport.write(cluster.target(), experiment, store, cache, out, System.out);
        }
        return ClusterReport.print(cluster.target(), experiment, output, store, cache, System.out);
    }

    private int ofFile(Path file) throws Exception {
        Instant start = Instant.now();
        Experiment read = ExperimentFile.read(file);
        String command = CommandLines.of(
                options.store == null
                        ? List.of("run", file.toString())
                        : List.of("run", file.toString(), "--store", options.store));
        RecordedRun.Origin origin = new RecordedRun.Origin(ExperimentFile.tree(file), file, command);
        WorkFolder work = new WorkFolder(options.work);
        try (LocalStore store = LocalStore.open(work, options.store, read)) {
            Decision decision = new LocalObservations(read, store.artifacts(), store.remote()).decide(Instant.now());
            if (output == ReportFormat.text && out == null) {
                RunReport.print(read, origin, work, store, decision, start, System.out);
                RunReport.printFailures(decision, "");
                return decision.exitCode();
            }
            ReportInput input = ReportLogs.fetch(read, decision, store.artifacts(), work.cache());
            MoCoExperimentStatus status = StatusReport.of(decision, input, Map.of());
            if (out != null) {
                ReportFiles.write(out, status, input, decision, origin);
                RunReport.print(out, System.out);
                return decision.exitCode();
            }
            System.out.println(
                    switch (output) {
                        case text, md -> MarkdownReport.of(input).stripTrailing();
                        case html -> HtmlReport.of(input).stripTrailing();
                        case json -> ReportFiles.json(RecordedRun.json(status, input, decision, origin))
                                .stripTrailing();
                        case yaml -> ReportFiles.yaml(RecordedRun.json(status, input, decision, origin))
                                .stripTrailing();
                    });
            return decision.exitCode();
        }
    }
}
