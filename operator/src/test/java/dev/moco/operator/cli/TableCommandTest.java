package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.StageResult;
import dev.moco.contract.Task;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** {@code moco table} on a folder of experiments with a work folder. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class TableCommandTest {
    @RegisterExtension
    final CapturedConsole console = new CapturedConsole();

    @TempDir
    Path folder;

    private Path experiments;
    private Path work;

    @BeforeEach
    void begin() throws IOException {
        experiments = Files.createDirectories(folder.resolve("table"));
        work = folder.resolve("work");
        Files.createDirectories(folder.resolve("raw/train/a"));
        Files.writeString(folder.resolve("raw/train/a/1.JPEG"), "x");
    }

    @Test
    void seedsOfAFolderAreOneCell() throws IOException {
        commitAll(experiment("s0", "pretrain: {seed: 0}"), 67.3);
        commitAll(experiment("s1", "pretrain: {seed: 1}"), 67.7);
        experiment("e", "pretrain: {epochs: 800}");
        assertThat(Main.execute("table", "1", experiments.toString(), "--work", work.toString()))
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("67.5±0.3", "(e): top-1, %, AP50, AP, AP75: 1696.0 GPU-hours");
    }

    @Test
    void aTableIsPrintedAsJson() throws IOException {
        commitAll(experiment("d", ""), 67.4);
        assertThat(Main.execute("table", "2", experiments.toString(), "-o", "json", "--work", work.toString()))
                .isEqualTo(ExitCode.DONE);
        JsonNode cell = new JsonMapper().readTree(console.output()).at("/rows/3/cells/0");
        assertThat(cell.at("/ours/mean").asDouble()).isEqualTo(67.4);
        assertThat(cell.path("paper").asDouble()).isEqualTo(67.5);
        assertThat(cell.path("difference").asDouble()).isNegative();
        assertThat(cell.path("significance").asText()).isEqualTo("WITHIN");
    }

    @Test
    void aTableOfRawDataThatCannotBeReadHereSaysWhatIsMissing() throws IOException {
        experiment("a", "");
        experiment("b", "pretrain: {epochs: 800}");
        for (String name : List.of("a", "b")) {
            Path file = experiments.resolve(name + ".yaml");
            Files.writeString(file, Files.readString(file).replace("../raw", "s3://datasets/raw/imagenet"));
        }
        assertThat(Main.execute("table", "1", experiments.toString(), "--work", work.toString()))
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("(e): top-1, %, AP50, AP, AP75: 1696.0 GPU-hours");
        assertThat(console.errors().lines())
                .containsExactly("moco: no results are looked up of a, b: spec.data has raw data in"
                        + " s3://datasets/raw/imagenet: name a bucket of the same server for the artifacts with --store"
                        + " s3://bucket/prefix");
    }

    @Test
    void otherDataIsInNoCell() throws IOException {
        Experiment experiment = experiment("small", "");
        commitAll(experiment, 67.4, new StageResult.Prepared(100, 10, 2, 1, 0, List.of()));
        assertThat(Main.execute("table", "1", experiments.toString(), "--work", work.toString()))
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output().replaceAll("\\s+", " "))
                .doesNotContain("67.4")
                .contains("small: prepare-imagenet has 100 training and 10 held-out images of 2 classes");
    }

    @Test
    void withoutATableEachExperimentIsARow() throws IOException {
        commitAll(experiment("d", ""), 67.4);
        assertThat(Main.execute("table", experiments.toString(), "--work", work.toString()))
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .contains("| d | (d) | MoCo | ✓ | ✓ | ✓ | 0.2 | 200 | 256 |  | 67.4 (67.5, -0.1) |");
    }

    @Test
    void aFileMayHoldManyExperiments() throws IOException {
        Path both = experiments.resolve("both.yaml");
        Path other = experiments.resolve("other.yaml");
        experiment("a1", "");
        experiment("a2", "pretrain: {epochs: 100}");
        Files.writeString(
                both,
                Files.readString(experiments.resolve("a1.yaml")) + "---\n"
                        + Files.readString(experiments.resolve("a2.yaml")) + "---\nkind: Secret\n");
        Files.writeString(other, "kind: Secret\n---\nkind: Secret\n");
        assertThat(Main.execute("table", both.toString(), "--work", work.toString()))
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output().lines()).hasSize(4);
        assertThat(Main.execute("table", "1", other.toString(), "--work", work.toString()))
                .isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("other.yaml must hold a MoCoExperiment, found none in its 2 documents");
    }

    @Test
    void optionsOfAClusterAndOfFilesAreNotCombined() {
        assertThat(Main.execute("table", "1", "x.yaml", "-A")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(Main.execute("table", "x.yaml", "-o", "csv")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .contains(
                        "FILE is an experiment on this machine", "without TABLE the format is markdown, found -o csv");
    }

    private Experiment experiment(String name, String section) throws IOException {
        return ExperimentFile.read(
                Files.writeString(experiments.resolve(name + ".yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s}
                spec:
                  data: {imagenet: ../raw}
                  detection: {enabled: false}
                  linear: {baseline: false}
                  %s
                """.formatted(name, section)));
    }

    private void commitAll(Experiment experiment, double top1) throws IOException {
        commitAll(experiment, top1, Commits.prepared(Task.PREPARE_IMAGENET));
    }

    private void commitAll(Experiment experiment, double top1, StageResult.Prepared prepared) throws IOException {
        new CommittedResults(work).commit(experiment, top1, prepared);
    }
}
