package dev.moco.operator.local;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrecisionCurve;
import dev.moco.contract.Stage;
import dev.moco.operator.crd.MoCoExperimentStatus;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.HtmlReport;
import dev.moco.operator.report.MarkdownReport;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.ReportInput.Drawing;
import dev.moco.operator.report.ReportInput.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Fetches what a report is made of, and writes its files. */
public final class ReportFiles {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .build();

    private ReportFiles() {}

    /** Committed tasks with their logs. */
    public static ReportInput fetch(Experiment experiment, Decision decision, ArtifactStore store, Path cache)
            throws IOException {
        return ReportInput.of(experiment, decision, (task, manifest) -> run(task, store.reader(manifest, cache)));
    }

    private static Run run(String task, ArtifactReader reader) throws IOException {
        Manifest manifest = reader.manifest();
        List<HistoryPoint> history = new ArrayList<>();
        List<PrecisionCurve> curves = new ArrayList<>();
        List<Drawing> drawings = new ArrayList<>();
        if (manifest.stage() == Stage.PREPARE) {
            return new Run(task, manifest, history, curves, drawings);
        }
        for (FileEntry log : manifest.logs()) {
            Path file = reader.file(log.path());
            if (log.path().equals(HistoryPoint.FILE)) {
                for (String line : Files.readAllLines(file)) {
                    history.add(CanonicalJson.read(line.getBytes(StandardCharsets.UTF_8), HistoryPoint.class));
                }
            } else if (log.path().equals(PrecisionCurve.FILE)) {
                curves.addAll(List.of(CanonicalJson.read(Files.readAllBytes(file), PrecisionCurve[].class)));
            } else if (log.path().endsWith(".png")) {
                drawings.add(
                        new Drawing(log.path().substring(log.path().lastIndexOf('/') + 1), Files.readAllBytes(file)));
            }
        }
        return new Run(task, manifest, history, curves, drawings);
    }

    /** Writes status and reports; each appears whole or not at all. */
    public static void write(Path folder, MoCoExperimentStatus status, ReportInput input) throws IOException {
        Files.createDirectories(folder);
        replace(folder.resolve("status.json"), JSON.writeValueAsString(status));
        replace(folder.resolve("status.yaml"), YAML.writeValueAsString(status));
        replace(folder.resolve("report.md"), MarkdownReport.of(input));
        replace(folder.resolve("report.html"), HtmlReport.of(input));
    }

    private static void replace(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
