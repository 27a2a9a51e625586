package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.contract.Task;
import dev.moco.operator.local.LocalMachine;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.ProgressDisplay;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.spec.ExperimentFile;
import dev.moco.operator.spec.ExperimentFiles;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** {@code moco run} of several experiments whose results are committed, or that cannot run. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class SweepTest {
    @RegisterExtension
    final CapturedConsole console = new CapturedConsole();

    @TempDir
    Path folder;

    private Path experiments;
    private Path work;

    @BeforeEach
    void begin() throws IOException {
        experiments = Files.createDirectories(folder.resolve("sweep"));
        work = folder.resolve("work");
        Files.createDirectories(folder.resolve("raw/train/a"));
        Files.writeString(folder.resolve("raw/train/a/1.JPEG"), "x");
    }

    @Test
    void aFolderRunsInItsOrderAndEndsWithTheTableAndThePages() throws IOException {
        commit(experiment("b", "method: SimCLR"), 60);
        commit(experiment("a", "epochs: 100"), 67.4);
        assertThat(run(experiments)).as(console.errors()).isEqualTo(ExitCode.DONE);
        String text = console.output();
        assertThat(text.lines().filter(line -> line.contains(" experiment ")))
                .containsExactly(
                        "moco              experiment 1 of 2: a",
                        "moco              experiment 2 of 2: b",
                        "| experiment | row | method | MLP | aug+ | cos | T | epochs | batch | untrained | top-1 | AP50 | AP |"
                                + " AP75 |");
        assertThat(text).endsWith("""
                | a |  | MoCo | ✓ | ✓ | ✓ | 0.2 | 100 | 256 |  | 67.4 |  |  |  |
                | b | SimCLR 256 | SimCLR | ✓ | ✓ | ✓ | 0.1 | 200 | 256 |  | 60.0 (61.9, -1.9) |  |  |  |

                %s
                %s
                """.formatted(page("a"), page("b")));
        assertThat(page("a")).isNotEmptyFile();
        assertThat(page("b")).isNotEmptyFile();
        assertThat(console.errors()).isEmpty();
    }

    @Test
    void aQuietRunPrintsOnlyWhereTheReportsAre() throws IOException {
        for (String name : List.of("a", "b")) {
            commit(experiment(name, "epochs: 100"), 67.4);
        }
        assertThat(run(experiments, "-q")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).isEqualTo(page("a") + "\n" + page("b") + "\n");
        console.out.reset();
        assertThat(run(experiments.resolve("a.yaml"), "--quiet")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).isEqualTo(page("a") + "\n");
        assertThat(console.errors()).isEmpty();
    }

    @Test
    void oneExperimentHasNoTable() throws IOException {
        commit(experiment("a", "epochs: 100"), 67.4);
        assertThat(run(experiments.resolve("a.yaml"))).isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .endsWith(work + "/reports/a/status.json\n")
                .doesNotContain("experiment 1 of 1", "| experiment |");
    }

    @Test
    void aRecordedRunIsRepeatedAndCompared() throws IOException {
        commit(experiment("a", "epochs: 100"), 67.4);
        assertThat(run(experiments.resolve("a.yaml"))).isEqualTo(ExitCode.DONE);
        Path status = Files.move(work.resolve("reports/a/status.json"), folder.resolve("theirs.json"));
        JsonNode recorded = new JsonMapper().readTree(status.toFile());
        assertThat(recorded.path("experiment")
                        .path("spec")
                        .path("pretrain")
                        .path("epochs")
                        .asInt())
                .isEqualTo(100);
        assertThat(recorded.path("command").asText())
                .isEqualTo("moco run " + experiments.resolve("a.yaml") + " --work " + work);
        assertThat(recorded.path("stages").path(1).path("key").asText()).hasSize(64);
        assertThat(recorded.path("metrics").path(0).toString())
                .isEqualTo("{\"name\":\"linear.top1.best\",\"value\":67.4,\"unit\":\"%\",\"epoch\":97,\"std\":null,"
                        + "\"trials\":null,\"untrained\":null,\"paper\":null}");

        work = folder.resolve("another");
        commit(experiments.resolve("a.yaml"), 66.9);
        Files.delete(experiments.resolve("a.yaml"));
        console.out.reset();
        assertThat(Main.execute("run", "--from-status", status.toString(), "--work", work.toString()))
                .as(console.errors())
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .contains("\nCompared with " + status + ":\n")
                .containsPattern("(?m)^pretrain +same bytes$")
                .containsPattern("(?m)^linear.top1.best +67.4000 +66.9000 +-0.5000 +%$")
                .containsPattern("(?m)^pretrain.loss +6.5700 +6.5700 +0$");
    }

    @Test
    void aRecordedRunTakesThePlaceOfFiles() throws IOException {
        Path file = experiment("a", "");
        assertThat(run(file, "--from-status", file.toString())).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(Main.execute("run")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(Main.execute("run", "--from-status", file.toString())).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .contains("--from-status takes the place of FILE", "Missing required parameter: 'FILE'")
                .endsWith("moco: " + file + " must be the status.json of a report, or a resource with its status; found"
                        + " neither the field experiment nor spec and status\n");
    }

    @Test
    void aStatusOfOtherFormIsRefusedBeforeAnythingRuns() throws IOException {
        Path file = experiment("a", "");
        String experiment = new JsonMapper().writeValueAsString(new YAMLMapper().readTree(Files.readString(file)));
        String named = "must have a name of at most 512 characters for each of its stages and metrics";
        Map.of(
                        "\"metrics\": [{\"value\": 1}]",
                        named,
                        "\"stages\": [{\"state\": \"Ready\"}]",
                        named,
                        "\"metrics\": [{\"name\": \"" + "a".repeat(513) + "\", \"value\": 1}]",
                        named,
                        "\"metrics\": 7",
                        "has a status of another form",
                        "\"file\": \"a\\u0000/b\"",
                        "raw data: no folder or file")
                .forEach((field, message) -> {
                    Path status = write("status.json", "{" + field + ", \"experiment\": " + experiment + "}");
                    console.error.reset();
                    assertThat(Main.execute("run", "--from-status", status.toString(), "--work", work.toString()))
                            .isEqualTo(ExitCode.BAD_CONFIG);
                    assertThat(console.errors()).contains(message);
                });
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyExperimentIsCheckedBeforeOneRuns() throws IOException {
        String small = "arch: resnet10w16, imageSize: 32, queueSize: 80, ";
        experiment("a", small + "batchSize: 16, ranks: 4");
        experiment("b", small + "batchSize: 20, ranks: 5");
        experiment("c", small + "batchSize: 40, ranks: 1");
        assertThat(run(experiments, "--devices", "2")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith("moco: 2 experiments have problems:\n  b: the number of devices must divide")
                .contains("\n  c: the number of devices must divide")
                .doesNotContain("a: ");
        assertThat(console.output()).doesNotContain("experiment 1 of", "started");
    }

    @Test
    void anExperimentWithoutItsDataHidesNoProblemOfTheOthers() throws IOException {
        experiment("a", "epochs: 100");
        Path file = experiments.resolve("a.yaml");
        Files.writeString(file, Files.readString(file).replace("../raw", "../none"));
        experiment("b", "arch: resnet10w16, imageSize: 32, queueSize: 80, batchSize: 20, ranks: 5");
        assertThat(run(experiments, "--devices", "2")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith("moco: 2 experiments have problems:\n  a: raw data: no folder or file ")
                .contains("\n  b: the number of devices must divide");
    }

    @Test
    void namesMustDiffer() throws IOException {
        experiment("a", "");
        Path again = Files.copy(experiments.resolve("a.yaml"), folder.resolve("again.yaml"));
        assertThat(run(experiments, again.toString())).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .isEqualTo("moco: experiments of one run must have different names, found a in "
                        + experiments.resolve("a.yaml") + " and " + again + "\n");
        assertThat(work).doesNotExist();
    }

    @Test
    void bucketsOfEveryExperimentAreRefusedWithoutAStore() throws IOException {
        for (String name : List.of("a", "b")) {
            Files.writeString(
                    experiment(name, ""), Files.readString(experiment(name, "")).replace("../raw", "s3://raw/" + name));
        }
        assertThat(run(experiments)).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith(
                        "moco: 2 experiments have problems:\n  a: spec.data has raw data in s3://raw/a: name a bucket")
                .contains("\n  b: spec.data has raw data in s3://raw/b: ");
    }

    @Test
    void oneStoreHasOneServer() throws IOException {
        for (String name : List.of("a", "b")) {
            Files.writeString(
                    experiment(name, ""),
                    Files.readString(experiment(name, "")) + "  storage: {bucket: results, region: " + name + "}\n");
        }
        assertThat(run(experiments, "--store", "s3://results/y")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .isEqualTo(
                        "moco: --store is read with one endpoint, region, pathStyle and checksums: spec.storage of b has"
                                + " others than that of a; run them apart\n");
    }

    @Test
    void whoStopsIsToldWhatIsKept() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            commit(experiment(name, "epochs: 100"), 67.4);
        }
        List<Source> sources = ExperimentFiles.read(List.of(experiments));
        WorkFolder place = new WorkFolder(work);
        AtomicBoolean stop = new AtomicBoolean();
        try (LocalStore store = LocalStore.open(
                place, null, sources.stream().map(Source::experiment).toList())) {
            // Ctrl-C while the first report is printed.
            PrintStream stopping = new PrintStream(console.out, true, StandardCharsets.UTF_8) {
                @Override
                public void println(Object line) {
                    super.println(line);
                    stop.set(true);
                }
            };
            System.setOut(stopping);
            Sweep sweep = new Sweep(
                    sources,
                    place,
                    store,
                    LocalMachine.look(Map.of(), OptionalInt.empty()),
                    false,
                    stop,
                    new Sweep.Output(
                            new ProgressDisplay(stopping, 0), false, views -> Optional.empty(), "moco run sweep"));
            String message = "stopped; ended before: a; not started: b, c; to go on: moco run sweep";
            assertThatThrownBy(() -> sweep.run(Instant.now()))
                    .isInstanceOf(StageFailure.class)
                    .hasMessage(message)
                    .extracting(failure -> ((StageFailure) failure).exitCode())
                    .isEqualTo(ExitCode.INTERRUPTED);
            assertThat(console.output()).contains("| a | ", "| b | ", "| c | ").endsWith("\n" + page("a") + "\n");
        }
    }

    private int run(Path path, String... more) {
        List<String> arguments = new ArrayList<>(List.of("run", path.toString(), "--work", work.toString()));
        arguments.addAll(List.of(more));
        return Main.execute(arguments.toArray(String[]::new));
    }

    private Path experiment(String name, String pretrain) throws IOException {
        return Files.writeString(experiments.resolve(name + ".yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s}
                spec:
                  data: {imagenet: ../raw}
                  detection: {enabled: false}
                  linear: {baseline: false}
                  pretrain: {%s}
                """.formatted(name, pretrain));
    }

    private void commit(Path file, double top1) throws IOException {
        new CommittedResults(work).commit(ExperimentFile.read(file), top1, Commits.prepared(Task.PREPARE_IMAGENET));
    }

    private Path page(String name) {
        return work.resolve("reports").resolve(name).resolve("report.html");
    }
}
