package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Printable;
import dev.moco.contract.StageFailure;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.RecordedRun;
import dev.moco.operator.local.ReportFiles;
import dev.moco.operator.local.RunRecords;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.HtmlReport;
import dev.moco.operator.report.MarkdownReport;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.spec.ExperimentReader;
import dev.moco.operator.spec.Reading;
import dev.moco.operator.storage.ReportLogs;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Report of an experiment in a cluster: metrics from its status, curves from its store. */
public final class ClusterReport {
    /** A page has at most {@link ReportLogs}' drawings, in base64, and a few charts. */
    private static final int MAX_PAGE_BYTES = 64 << 20;

    private final ClusterClient cluster;
    private final ExperimentView experiment;
    private final StoreChoice choice;
    private final Path cache;

    private ClusterReport(ClusterClient cluster, ExperimentView experiment, StoreChoice choice, Path cache) {
        this.cluster = cluster;
        this.experiment = experiment;
        this.choice = choice;
        this.cache = cache;
    }

    /**
     * Prints the report of an experiment.
     *
     * @param cache folder for verified copies of committed logs
     */
    public static int print(
            Target target, String name, ReportFormat format, StoreChoice choice, Path cache, PrintStream out)
            throws IOException {
        try (ClusterClient cluster = ClusterClient.open(target)) {
            ClusterReport report = new ClusterReport(cluster, cluster.experiment(name), choice, cache);
            out.println(Printable.lines(report.text(format)).stripTrailing());
            return ExitCode.DONE;
        }
    }

    /**
     * Writes the files that {@code moco run} writes; if the store cannot be reached, only the files that do not need it,
     * with a message.
     *
     * @return exit code of the store's failure, or 0
     */
    public static int write(Target target, String name, StoreChoice choice, Path cache, Path folder, PrintStream out)
            throws IOException {
        try (ClusterClient cluster = ClusterClient.open(target)) {
            ClusterReport report = new ClusterReport(cluster, cluster.experiment(name), choice, cache);
            Files.createDirectories(folder);
            try {
                report.write(folder, out);
                return ExitCode.DONE;
            } catch (StageFailure e) {
                report.status(folder, RecordedRun.json(report.experiment.tree()), out);
                report.file(folder, "report.md", report.text(ReportFormat.md), out);
                System.err.println("moco: no report.html, and only the results in report.md: "
                        + Printable.message(String.valueOf(e.getMessage())));
                return e.exitCode();
            }
        }
    }

    private void write(Path folder, PrintStream out) throws IOException {
        Reading reading = reading();
        try (ClusterStore store = open(reading)) {
            Decision decision = decision(reading, store);
            ReportInput input = ReportLogs.fetch(reading.experiment(), decision, store.artifacts(), cache);
            Pages pages = kept(store).orElseGet(() -> Pages.of(input));
            status(folder, RecordedRun.json(experiment.tree(), input, decision), out);
            file(folder, "report.md", pages.markdown(), out);
            file(folder, "report.html", pages.html(), out);
            ReportFiles.numbers(folder, input);
            out.println(folder.resolve("report.csv"));
            Path events = folder.resolve(ReportFiles.EVENTS);
            if (Files.isDirectory(events)) {
                out.println(events);
            }
        }
    }

    private void status(Path folder, JsonNode status, PrintStream out) throws IOException {
        file(folder, "status.json", ReportFiles.json(status), out);
        file(folder, "status.yaml", ReportFiles.yaml(status), out);
    }

    private void file(Path folder, String name, String text, PrintStream out) throws IOException {
        ReportFiles.replace(folder.resolve(name), text);
        out.println(folder.resolve(name));
    }

    private String text(ReportFormat format) throws IOException {
        return switch (format) {
            case text -> String.join("\n", lines());
            case md ->
                "# " + experiment.name() + "\n\n"
                        + experiment.status().path("report").asText("no results yet\n");
            case json -> ReportFiles.json(RecordedRun.json(experiment.tree()));
            case yaml -> ReportFiles.yaml(RecordedRun.json(experiment.tree()));
            case html -> pages().html();
        };
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>(ExperimentList.of(List.of(experiment), true, false, Instant.now())
                .lines());
        Frame detail = ExperimentDetail.of(experiment, false, Instant.now());
        if (detail.below().isEmpty()) {
            lines.add("");
            lines.add(detail.above().get(0));
        }
        lines.addAll(detail.below());
        return lines;
    }

    /** Both pages: the operator's after the end of an experiment, else made from the tasks committed so far. */
    private record Pages(String markdown, String html) {
        static Pages of(ReportInput input) {
            return new Pages(MarkdownReport.of(input), HtmlReport.of(input));
        }
    }

    private Pages pages() throws IOException {
        Reading reading = reading();
        try (ClusterStore store = open(reading)) {
            Optional<Pages> kept = kept(store);
            return kept.isPresent()
                    ? kept.get()
                    : Pages.of(
                            ReportLogs.fetch(reading.experiment(), decision(reading, store), store.artifacts(), cache));
        }
    }

    /** Folders of the cluster are not listed here; their fingerprints are in the status. */
    private Reading reading() {
        return ExperimentReader.read(experiment.tree(), Optional.of(Path.of("/")));
    }

    private ClusterStore open(Reading reading) {
        return ClusterStore.open(cluster, choice.of(cluster, reading, experiment));
    }

    private Decision decision(Reading reading, ClusterStore store) throws IOException {
        return new LocalObservations(
                        reading.experiment(), store.artifacts(), RunRecords.fingerprints(experiment.tree()))
                .decide(Instant.now());
    }

    private Optional<Pages> kept(ClusterStore store) throws IOException {
        String uri = experiment.status().path("reportUri").asText("");
        int at = uri.indexOf("v1/experiments/");
        if (at < 0) {
            return Optional.empty();
        }
        String html = uri.substring(at);
        Optional<byte[]> page = store.objects().get(html, MAX_PAGE_BYTES);
        Optional<byte[]> markdown = store.objects().get(html.replaceAll("html$", "md"), MAX_PAGE_BYTES);
        return page.isPresent() && markdown.isPresent()
                ? Optional.of(new Pages(
                        new String(markdown.get(), StandardCharsets.UTF_8),
                        new String(page.get(), StandardCharsets.UTF_8)))
                : Optional.empty();
    }
}
