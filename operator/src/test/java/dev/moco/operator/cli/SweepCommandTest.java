package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Task;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.spec.ExperimentFiles;
import dev.moco.operator.spec.ExperimentFiles.Source;
import dev.moco.operator.spec.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** {@code moco sweep} of variants whose results are committed. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class SweepCommandTest {
    @RegisterExtension
    final CapturedConsole console = new CapturedConsole();

    @TempDir
    Path folder;

    private Path file;
    private Path work;

    @BeforeEach
    void begin() throws IOException {
        work = folder.resolve("work");
        Files.createDirectories(folder.resolve("raw/train/a"));
        Files.writeString(folder.resolve("raw/train/a/1.JPEG"), "x");
        file = Files.writeString(folder.resolve("x.yaml"), document("x"));
    }

    private static String document(String name) {
        return """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s}
                spec:
                  data: {imagenet: raw}
                  detection: {enabled: false}
                  linear: {baseline: false}
                """.formatted(name);
    }

    @Test
    void theValuesOfAFieldEndInATableAndAPlot() throws IOException {
        commit("pretrain.temperature=0.1,0.2,0.4", 60, 67.4, 65);
        assertThat(sweep(file, "--set", "pretrain.temperature=0.1,0.2,0.4"))
                .as(console.errors())
                .isEqualTo(ExitCode.DONE);
        Path page = work.resolve("sweeps/x-temperature.html");
        assertThat(console.output())
                .contains("experiment 1 of 3: x-temperature-0-1", "experiment 3 of 3: x-temperature-0-4", """

                        TEMPERATURE   TOP-1, %   KNN TOP-1, %
                        0.1           60.0       55.5
                        0.2           67.4       55.5
                        0.4           65.0       55.5

                        top-1, % over temperature
                        """)
                .contains("●   67.4")
                .contains(page + "\n");
        assertThat(page).content().contains("<svg", "<polyline");
        for (String value : List.of("0-1", "0-2", "0-4")) {
            assertThat(work.resolve("reports/x-temperature-" + value + "/report.html"))
                    .isNotEmptyFile();
        }
    }

    @Test
    void severalFieldsAreAProduct() throws IOException {
        commit("temperature=0.1,0.2;queueSize=512,1024", 60, 61, 62, 63);
        assertThat(sweep(file, "--set", "temperature=0.1,0.2", "--set", "queueSize=512,1024"))
                .as(console.errors())
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("""
                TEMPERATURE   QUEUESIZE   TOP-1, %   KNN TOP-1, %
                0.1           512         60.0       55.5
                0.1           1024        61.0       55.5
                0.2           512         62.0       55.5
                0.2           1024        63.0       55.5
                """);
    }

    @Test
    void theDocumentsOfAFileAreComparedByWhatTheyState() throws IOException {
        Path both = Files.writeString(
                folder.resolve("both.yaml"),
                document("a") + "  pretrain: {epochs: 100}\n---\n" + document("b") + "  pretrain: {epochs: 800}\n");
        commit(ExperimentFiles.read(List.of(both)), 60, 70);
        assertThat(sweep(both)).as(console.errors()).isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .contains("EPOCHS   TOP-1, %   KNN TOP-1, %\n100      60.0       55.5\n800      70.0       55.5\n");
    }

    /** 75.04 twice and 75.14 have the mean 75.07; their texts, 75.0 twice and 75.1, have 75.03. */
    @Test
    void meansAreOfTheNumbersNotOfTheirTexts() throws IOException {
        commit("temperature=0.2;pretrain.seed=1,2,3", 75.04, 75.04, 75.14);
        assertThat(sweep(file, "--set", "temperature=0.2", "--set", "pretrain.seed=1,2,3"))
                .as(console.errors())
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("top-1, % of all seeds: 75.1±0.1");
    }

    @Test
    void aWrongFieldIsRefusedBeforeAnythingRuns() {
        assertThat(sweep(file, "--set", "pretrain.temprature=1")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith("moco: spec.pretrain.temprature is not a field; nearest is \"temperature\"");
        assertThat(work).doesNotExist();
    }

    private int sweep(Path path, String... more) {
        List<String> arguments = new ArrayList<>(List.of("sweep", path.toString(), "--work", work.toString()));
        arguments.addAll(List.of(more));
        return Main.execute(arguments.toArray(String[]::new));
    }

    private void commit(String settings, double... top1) throws IOException {
        commit(ExperimentFiles.variants(List.of(file), Setting.read(List.of(settings.split(";", -1))), null), top1);
    }

    private void commit(List<Source> sources, double... top1) throws IOException {
        assertThat(sources).hasSize(top1.length);
        for (int i = 0; i < top1.length; i++) {
            new CommittedResults(work)
                    .commit(sources.get(i).experiment(), top1[i], Commits.prepared(Task.PREPARE_IMAGENET));
        }
    }
}
