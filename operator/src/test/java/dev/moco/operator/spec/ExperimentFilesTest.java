package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moco.contract.StageFailure;
import dev.moco.operator.report.PaperRow;
import dev.moco.operator.report.PaperTables;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentFilesTest {
    private static final Path PIPELINES = Path.of("..", "pipelines");

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
        assumeTrue(hasKubectl(), "no kubectl");
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

    private static List<String> rows(Path folder) throws IOException {
        return ExperimentFiles.read(List.of(folder)).stream()
                .flatMap(source -> PaperTables.rowOf(source.reading().experiment()).stream())
                .map(PaperRow::name)
                .toList();
    }

    private static boolean hasKubectl() {
        return Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(System.getenv().getOrDefault("PATH", ""))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "kubectl")));
    }
}
