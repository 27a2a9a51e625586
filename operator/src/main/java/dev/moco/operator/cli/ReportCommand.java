package dev.moco.operator.cli;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.client.ClusterReport;
import dev.moco.operator.client.LocalExperiments;
import dev.moco.operator.client.ReportFormat;
import dev.moco.operator.client.StoredExperiment;
import dev.moco.operator.client.StoredExperiments;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.RecordedRun;
import dev.moco.operator.local.ReportFiles;
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
            "Reports the results of an experiment so far, by its name: in the cluster, in a work folder with --work, in a bucket"
                    + " with --store; or on this machine by its file; or compares several.",
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
            description =
                    "An experiment, or the file of one that ran on this machine. Several are compared on one page,"
                            + " comparison.html.")
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
                    + " Default: reports/ in the work folder; of a cluster, only standard output.")
    @Nullable
    Path out;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    PlaceOptions place;

    @Override
    public Integer call() throws Exception {
        if (out != null && output != ReportFormat.text) {
            throw new ParameterException(
                    spec.commandLine(), "-o cannot be combined with --out, which writes every format");
        }
        String first = experiments.get(0);
        if (experiments.size() > 1) {
            return comparison();
        } else if (ofFile(first)) {
            return ofFile(Path.of(first));
        } else if (place.isCluster()) {
            return ofCluster(first);
        }
        try (LocalExperiments stored = place.openLocal()) {
            StoredExperiment named = stored.one(first);
            return print(
                    named.experiment(),
                    stored.artifacts(),
                    named.decision(),
                    RecordedRun.Origin.recorded(named.view().tree()));
        }
    }

    /** No name of a resource has a dot or a slash. */
    static boolean isFile(String argument) {
        return argument.contains(".") || argument.contains("/") || Files.isRegularFile(Path.of(argument));
    }

    private boolean ofFile(String argument) {
        return isFile(argument) && !place.cluster.given();
    }

    /** Writes the page of several experiments, or prints it with {@code -o html}. */
    private int comparison() throws IOException {
        if (output != ReportFormat.text && output != ReportFormat.html) {
            throw new ParameterException(spec.commandLine(), "a comparison is a page: use -o html, or --out");
        }
        String page = HtmlReport.of(inputs());
        if (output == ReportFormat.html) {
            System.out.println(page.stripTrailing());
            return ExitCode.DONE;
        }
        Path folder = Files.createDirectories(out == null ? place.work().reports("") : out);
        System.out.println(ReportFiles.replace(folder.resolve("comparison.html"), page));
        return ExitCode.DONE;
    }

    private List<ReportInput> inputs() throws IOException {
        List<ReportInput> inputs = new ArrayList<>();
        if (experiments.stream().allMatch(this::ofFile)) {
            for (String file : experiments) {
                Experiment read = ExperimentFile.read(Path.of(file));
                try (LocalStore store = LocalStore.open(place.work(), place.local.store, read)) {
                    inputs.add(ReportLogs.fetch(read, decision(read, store), store.artifacts(), place.cache()));
                }
            }
        } else if (experiments.stream().noneMatch(this::ofFile)) {
            try (StoredExperiments stored = place.open(false)) {
                for (String name : experiments) {
                    StoredExperiment named = stored.one(name);
                    inputs.add(
                            ReportLogs.fetch(named.experiment(), named.decision(), stored.artifacts(), place.cache()));
                }
            }
        } else {
            throw new ParameterException(
                    spec.commandLine(),
                    "several experiments are compared by their files or by their names, not by both");
        }
        return inputs;
    }

    private static Decision decision(Experiment experiment, LocalStore store) throws IOException {
        return new LocalObservations(experiment, store.artifacts(), store.remote()).decide(Instant.now());
    }

    private int ofCluster(String experiment) throws IOException {
        if (out != null) {
            return ClusterReport.write(place.target(), experiment, place.storeChoice(), place.cache(), out, System.out);
        }
        return ClusterReport.print(place.target(), experiment, output, place.storeChoice(), place.cache(), System.out);
    }

    private int ofFile(Path file) throws IOException {
        Experiment read = ExperimentFile.read(file);
        String bucket = place.local.store;
        String command = CommandLines.of(
                bucket == null ? List.of("run", file.toString()) : List.of("run", file.toString(), "--store", bucket));
        try (LocalStore store = LocalStore.open(place.work(), bucket, read)) {
            return print(
                    read,
                    store.artifacts(),
                    decision(read, store),
                    new RecordedRun.Origin(ExperimentFile.tree(file), file, command));
        }
    }

    private int print(Experiment read, ArtifactStore store, Decision decision, RecordedRun.Origin origin)
            throws IOException {
        if (output == ReportFormat.text && out == null) {
            RunReport.print(read, origin, place.work(), store, decision, Instant.now(), System.out);
            RunReport.printFailures(decision, "");
            return decision.exitCode();
        }
        ReportInput input = ReportLogs.fetch(read, decision, store, place.cache());
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
                    case json ->
                        ReportFiles.json(RecordedRun.json(status, input, decision, origin))
                                .stripTrailing();
                    case yaml ->
                        ReportFiles.yaml(RecordedRun.json(status, input, decision, origin))
                                .stripTrailing();
                });
        return decision.exitCode();
    }
}
