package dev.moco.operator.local;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.report.HtmlReport;
import dev.moco.operator.report.MarkdownReport;
import dev.moco.operator.report.ReportInput;
import java.io.IOException;
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

    /** Writes status and reports; each appears whole or not at all. */
    public static List<Path> write(Path folder, MoCoExperimentStatus status, ReportInput input) throws IOException {
        Files.createDirectories(folder);
        return List.of(
                replace(folder.resolve("status.json"), json(status)),
                replace(folder.resolve("status.yaml"), yaml(status)),
                replace(folder.resolve("report.md"), MarkdownReport.of(input)),
                replace(folder.resolve("report.html"), HtmlReport.of(input)));
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
        Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return file;
    }
}
