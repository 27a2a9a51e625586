package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.operator.report.PaperRow;
import dev.moco.operator.report.PaperTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentFilesTest {
    private static final Path PIPELINES = Path.of("..", "pipelines");
    private static final String JSON = """
            {"apiVersion": "moco.dev/v1alpha1", "kind": "MoCoExperiment", "metadata": {"name": "%s"},
             "spec": {"data": {"imagenet": "a", "voc": "b"}}}
            """;

    @TempDir
    Path folder;

    @Test
    void theFilesOfAFolderAreReadInTheirOrder() throws IOException {
        assertThat(rows(PIPELINES.resolve("quickstart"))).isEmpty();
        assertThat(rows(PIPELINES.resolve("published"))).isEmpty();
        assertThat(rows(PIPELINES.resolve("table1"))).contains("(a)", "(b)", "(c)", "(d)", "(e)", "MoCo v1");
    }

    @Test
    void aKustomizeFolderIsRendered() throws IOException {
        assertThat(rows(PIPELINES.resolve("temperature")))
                .contains("τ 0.07 with MLP", "τ 0.1 with MLP", "(a)", "τ 0.3 with MLP", "τ 0.5 with MLP");
    }

    @Test
    void aFolderWithoutExperimentsIsRefused() throws IOException {
        Files.writeString(folder.resolve("secret.yaml"), "kind: Secret\n");
        assertThatThrownBy(() -> ExperimentFiles.read(List.of(folder)))
                .isInstanceOf(StageFailure.class)
                .hasMessage(folder + " must hold a MoCoExperiment, found none in its .yaml, .yml and .json files");
        Files.writeString(folder.resolve("wrong.yaml"), "kind: MoCoExperiment\n");
        assertThatThrownBy(() -> ExperimentFiles.read(List.of(folder)))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining("wrong.yaml");
    }

    @Test
    void filesFoldersAndDocumentsAreReadInTheirOrder() throws IOException {
        Path more = Files.createDirectories(folder.resolve("more"));
        write("more/b.yaml", experiment("b"));
        write("more/a.json", JSON.formatted("a"));
        write("more/notes.txt", "kind: MoCoExperiment\n");
        Path both = write("both.yaml", experiment("d") + "---\nkind: Secret\n---\n" + experiment("c"));
        assertThat(ExperimentFiles.read(List.of(both, more, write("one.yaml", experiment("e")))))
                .extracting(source ->
                        source.file().getFileName() + " " + source.experiment().name())
                .containsExactly("both.yaml d", "both.yaml c", "a.json a", "b.yaml b", "one.yaml e");
    }

    @Test
    void theProblemsOfEveryFileAreReported() throws IOException {
        write("a.yaml", experiment("a").replace("spec: {", "spec: {linear: {epoch: 1}, "));
        write("b.yaml", experiment("b"));
        write("c.yaml", "kind: [");
        Path gone = folder.resolve("gone.yaml");
        assertThatThrownBy(() -> ExperimentFiles.read(List.of(folder, gone)))
                .isInstanceOf(StageFailure.class)
                .hasMessageStartingWith("3 experiments have problems:")
                .hasMessageContainingAll(
                        "Experiment a in " + folder + "/a.yaml has 1 problem:",
                        "    spec.linear.epoch is not a field",
                        "  " + folder + "/c.yaml is not YAML: ",
                        "  no file " + gone)
                .extracting(failure -> ((StageFailure) failure).exitCode())
                .isEqualTo(ExitCode.BAD_CONFIG);
    }

    @ParameterizedTest(name = "\"{0}\": {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | x.yaml must hold one experiment, found 0 documents",
                "kind: Secret | kind must be MoCoExperiment, found \"Secret\"",
                "kind: Secret%---%kind: Secret | must hold a MoCoExperiment, found none in its 2 documents",
                "kind: Secret%---%apiVersion: moco.dev/v1%kind: mocoexperiment | kind must be MoCoExperiment"
            })
    void aFileWithoutAnExperimentIsRefused(String text, String message) throws IOException {
        Path file = write("x.yaml", text.replace("%", "\n"));
        assertThatThrownBy(() -> ExperimentFiles.read(List.of(file)))
                .isInstanceOf(StageFailure.class)
                .hasMessageContaining(message);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static String experiment(String name) {
        return """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s}
                spec: {data: {imagenet: a, voc: b}}
                """.formatted(name);
    }

    private static List<String> rows(Path folder) throws IOException {
        return ExperimentFiles.read(List.of(folder)).stream()
                .flatMap(source -> PaperTables.rowOf(source.reading().experiment()).stream())
                .map(PaperRow::name)
                .toList();
    }
}
