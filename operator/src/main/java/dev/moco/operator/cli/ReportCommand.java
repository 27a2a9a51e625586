package dev.moco.operator.cli;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.Experiment;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.client.ClusterReport;
import dev.moco.operator.client.LocalExperiments;
import dev.moco.operator.client.ReportFormat;
import dev.moco.operator.client.StoredExperiment;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
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
                    + " with --store; or on this machine by its file.",
            "An argument that is a file, or has a dot or a slash in it, is a file; with -n, --context or --kubeconfig"
                    + " it is a name."
        })
final class ReportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "NAME|FILE",
            description = "An experiment, or the file of one that ran on this machine.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    String experiment;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES}, to standard output. Default: ${DEFAULT-VALUE}")
    ReportFormat output = ReportFormat.text;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write status.json, status.yaml, report.md and report.html there instead."
                    + " Default for a file: reports/ in the work folder.")
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
        if (isFile(experiment) && !place.cluster.given()) {
            Experiment read = ExperimentFile.read(Path.of(experiment));
            try (LocalStore store = LocalStore.open(place.work(), place.local.store, read)) {
                return print(
                        read,
                        store.artifacts(),
                        new LocalObservations(read, store.artifacts(), store.remote()).decide(Instant.now()));
            }
        } else if (!place.isCluster()) {
            try (LocalExperiments experiments = place.openLocal()) {
                StoredExperiment named = experiments.one(experiment);
                return print(named.experiment(), experiments.artifacts(), named.decision());
            }
        }
        return ofCluster();
    }

    /** No name of a resource has a dot or a slash. */
    static boolean isFile(String argument) {
        return argument.contains(".") || argument.contains("/") || Files.isRegularFile(Path.of(argument));
    }

    private int ofCluster() throws IOException {
        if (out != null) {
            return ClusterReport.write(
                    place.target(), experiment, place.storeChoice(), place.cache(), out, System.out);
        }
        return ClusterReport.print(
                place.target(), experiment, output, place.storeChoice(), place.cache(), System.out);
    }

    private int print(Experiment read, ArtifactStore store, Decision decision) throws IOException {
        if (output == ReportFormat.text && out == null) {
            RunReport.print(read, place.work(), store, decision, Instant.now(), System.out);
            RunReport.printFailures(decision, "");
            return decision.exitCode();
        }
        ReportInput input = ReportLogs.fetch(read, decision, store, place.cache());
        MoCoExperimentStatus status = StatusReport.of(decision, input, Map.of());
        if (out != null) {
            ReportFiles.write(out, status, input).forEach(System.out::println);
            return decision.exitCode();
        }
        System.out.println(
                switch (output) {
                    case text, md -> MarkdownReport.of(input).stripTrailing();
                    case html -> HtmlReport.of(input).stripTrailing();
                    case json -> ReportFiles.json(status).stripTrailing();
                    case yaml -> ReportFiles.yaml(status).stripTrailing();
                });
        return decision.exitCode();
    }
}
