package dev.moco.operator.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.EventFile;
import dev.moco.operator.report.HtmlReport;
import dev.moco.operator.report.MarkdownReport;
import dev.moco.operator.report.MetricsCsv;
import dev.moco.operator.report.ReportInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Writes the files of a report. */
public final class ReportFiles {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .build();

    private ReportFiles() {}

    /** Names of the files, without those of TensorBoard. */
    public static final List<String> NAMES =
            List.of("report.html", "report.md", "report.csv", "status.yaml", "status.json");

    /** Folder of TensorBoard's event files, one below it for each task. */
    public static final String EVENTS = "tensorboard";

    /** Writes status and reports; each appears whole or not at all. */
    public static void write(
            Path folder, MoCoExperimentStatus status, ReportInput input, Decision decision, RecordedRun.Origin origin)
            throws IOException {
        Files.createDirectories(folder);
        JsonNode recorded = RecordedRun.json(status, input, decision, origin);
        replace(folder.resolve("status.json"), json(recorded));
        replace(folder.resolve("status.yaml"), yaml(recorded));
        replace(folder.resolve("report.md"), MarkdownReport.of(input));
        replace(folder.resolve("report.html"), HtmlReport.of(input));
        numbers(folder, input);
    }

    /** Writes {@code report.csv} and the event files of TensorBoard. */
    public static void numbers(Path folder, ReportInput input) throws IOException {
        replace(folder.resolve("report.csv"), MetricsCsv.of(input));
        for (ReportInput.Run run : input.runs()) {
            if (!run.history().isEmpty()) {
                events(folder.resolve(EVENTS).resolve(run.task()), run);
            }
        }
    }

    /** Writes the event file of a task, and removes one of an earlier computation of it, which TensorBoard would join with it. */
    private static void events(Path folder, ReportInput.Run run) throws IOException {
        Files.createDirectories(folder);
        String name = EventFile.name(run);
        try (DirectoryStream<Path> old = Files.newDirectoryStream(folder, "events.out.tfevents.*")) {
            for (Path file : old) {
                if (!file.getFileName().toString().equals(name)) {
                    Files.delete(file);
                }
            }
        }
        replace(folder.resolve(name), EventFile.of(run));
    }

    /** A status as JSON. */
    public static String json(Object status) throws IOException {
        return JSON.writeValueAsString(status);
    }

    /** A status as YAML. */
    public static String yaml(Object status) throws IOException {
        return YAML.writeValueAsString(status);
    }

    /** Writes a file that appears whole or not at all. */
    public static Path replace(Path file, String text) throws IOException {
        return replace(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Path replace(Path file, byte[] content) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        Files.write(temporary, content);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return file;
    }
}
