package dev.moco.operator.storage;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.FileTree;
import dev.moco.operator.jobs.ReportPlace;
import dev.moco.operator.report.HtmlReport;
import dev.moco.operator.report.MarkdownReport;
import dev.moco.operator.report.ReportInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Uploads the report of a finished experiment beside its results. */
final class ReportUpload {
    private ReportUpload() {}

    /** Uploads {@code report.md} and {@code report.html}; returns the URI of the HTML. */
    static String upload(ArtifactStore store, StoreRequest.Report report) throws IOException {
        Path logs = Files.createTempDirectory("moco-report");
        try {
            ReportInput input = ReportLogs.fetch(report.experiment(), report.decision(), store, logs);
            put(store, report.prefix() + ReportPlace.MARKDOWN, MarkdownReport.of(input));
            put(store, report.prefix() + ReportPlace.HTML, HtmlReport.of(input));
            return report.uri();
        } finally {
            FileTree.delete(logs);
        }
    }

    private static void put(ArtifactStore store, String key, String text) throws IOException {
        store.objects().put(key, text.getBytes(StandardCharsets.UTF_8));
    }
}
