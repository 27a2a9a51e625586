package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.StageObjects;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Progress;
import dev.moco.contract.Stage;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.Task;
import dev.moco.contract.Termination;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** The commands about experiments of a cluster, on a work folder. */
@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class PlaceCommandsTest {
    @RegisterExtension
    final CapturedConsole console = new CapturedConsole();

    @TempDir
    Path folder;

    private Path work;
    private ArtifactStore store;

    @BeforeEach
    void begin() throws IOException {
        work = folder.resolve("work");
        store = new ArtifactStore(EmbeddedS3.folder(new WorkFolder(work).store()));
        Files.createDirectories(folder.resolve("raw/train/a"));
        Files.writeString(folder.resolve("raw/train/a/1.JPEG"), "x");
        ran("a", "epochs: 100", 67.4);
        ran("b", "epochs: 200", 60);
    }

    @Test
    void experimentsAreListedWithTheColumnsOfACluster() throws IOException {
        assertThat(moco("list")).isEqualTo(ExitCode.DONE);
        List<String> lines = console.output().lines().toList();
        assertThat(lines.get(0)).startsWith("NAME   STAGE       PROGRESS");
        assertThat(lines.get(1)).matches("a +Succeeded +3/3 +67.4 .*True.*");
        assertThat(lines.get(2)).matches("b +Succeeded +3/3 +60.0 .*True.*");
        assertThat(moco("status", "a")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).startsWith("a: succeeded").contains("prepare-imagenet   Succeeded", "linear ");
        assertThat(moco("status", "a", "-o", "json")).isEqualTo(ExitCode.DONE);
        JsonNode resource = new JsonMapper().readTree(console.output());
        assertThat(resource.at("/status/summary/top1").asText()).isEqualTo("67.4");
        assertThat(resource.at("/spec/data/imagenet").asText())
                .isEqualTo(folder.resolve("raw").toString());
        assertThat(moco("status", "-w")).isEqualTo(ExitCode.DONE);
    }

    @Test
    void rawDataIsNotNeededToLookBack() throws IOException {
        Files.delete(folder.resolve("raw/train/a/1.JPEG"));
        assertThat(moco("status", "b")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).startsWith("b: succeeded");
        assertThat(moco("gc")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("Nothing to delete");
    }

    @Test
    void aNameThatIsNotThereIsAnsweredWithTheNearest() {
        assertThat(moco("status", "aa")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .isEqualTo("moco: no experiment \"aa\" in " + work + "; nearest is \"a\", `moco list` lists all\n");
        assertThat(moco("where", "a", "linaer")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("no stage \"linaer\"; nearest is \"linear\"");
        assertThat(moco("gc", "--without", "../..")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("--without: no experiment \"../..\" in " + work);
    }

    @Test
    void tablesReportsAndPlacesAreOfNames() throws IOException {
        assertThat(moco("table")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("| a |  | MoCo | ✓ | ✓ | ✓ | 0.2 | 100 |", "| b |");
        assertThat(moco("table", "2", "-o", "csv")).isEqualTo(ExitCode.DONE);
        assertThat(moco("report", "a", "-o", "md")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).startsWith("# a\n");
        assertThat(moco("where", "a", "linear")).isEqualTo(ExitCode.DONE);
        Path place = Path.of(console.output().lines().toList().get(1).replaceFirst(".* ", ""));
        assertThat(place.resolve("manifest.json")).isNotEmptyFile();
        assertThat(moco("where", "pretrain")).isEqualTo(ExitCode.DONE);
        assertThat(console.output().lines()).hasSize(3).anyMatch(line -> line.startsWith("b "));
    }

    @Test
    void theLogOfAStageIsPrinted() throws IOException {
        Path log = new WorkFolder(work).log("a", "linear");
        Files.createDirectories(log.getParent());
        Files.writeString(log, "one\ntwo\u001b[2J\nthree\n");
        assertThat(moco("logs", "a", "linear")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).isEqualTo("one\ntwo?[2J\nthree\n");
        assertThat(moco("logs", "a", "--tail", "2")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).isEqualTo("two?[2J\nthree\n");
        assertThat(moco("logs", "a", "linear", "-f")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).endsWith("three\n");
        assertThat(moco("logs", "a", "pretrain")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("pretrain of a has no log in " + work.resolve("logs/a"));
        assertThat(moco("logs", "a", "--previous")).isEqualTo(ExitCode.BAD_CONFIG);
    }

    @Test
    @SuppressWarnings("try") // the lock is only held
    void whatRunsHasFailedOrWasStoppedIsSeen() throws IOException {
        PlannedTask linear = withoutResult("b", Task.LINEAR);
        Progress progress = new Progress(
                Progress.TRAINING, 3, 10, 40, 100, 120.0, 0.0, 1.5, null, null, 60.0, 32L, 100, Instant.now());
        store.report(Stage.LINEAR, linear.key().orElseThrow(), progress);
        assertThat(moco("status", "b")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("b: running, 2 of 3 stages done").doesNotContain("Running");
        assertThat(moco("status", "b", "-w")).as("nothing runs").isEqualTo(ExitCode.FAULT);
        try (WorkFolder.Lock lock = new WorkFolder(work).lock()) {
            assertThat(moco("status", "b")).isEqualTo(ExitCode.DONE);
            assertThat(console.output()).containsPattern("linear +Running +40% epoch 4/10 +1m00s +120");
        }
        Path end = new WorkFolder(work).termination("b", Task.LINEAR);
        Files.createDirectories(end.getParent());
        Files.write(end, CanonicalJson.bytes(new Termination(ExitCode.BAD_DATA, "image 7 is torn", null)));
        assertThat(moco("status", "b")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("b: failed", "image 7 is torn");
    }

    @Test
    void gcShowsFirstAndDeletesWhatNoExperimentNeeds() throws IOException {
        Decision before = decision("b");
        ran("b", "epochs: 50", 55);
        assertThat(moco("gc")).isEqualTo(ExitCode.DONE);
        String shown = console.output();
        assertThat(shown).startsWith("Needed by a, b.\n").endsWith("; --delete deletes them.\n");
        assertThat(shown.lines().filter(line -> line.endsWith("no experiment needs it")))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("pretrain"))
                .anyMatch(line -> line.startsWith("linear"));
        assertThat(StageObjects.list(store.objects()).stages()).hasSize(7);
        assertThat(moco("gc", "b.yaml", "--delete")).as("no such file").isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(moco("gc", "--delete")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("Deleted ", " of 2 stages in " + work);
        assertThat(StageObjects.list(store.objects()).stages()).hasSize(5);
        PlannedTask linear = before.tasks().get(2);
        assertThat(new WorkFolder(work)
                        .store()
                        .resolve(EmbeddedS3.BUCKET)
                        .resolve(ArtifactKey.prefix(Stage.LINEAR, linear.key().orElseThrow())))
                .doesNotExist();
        assertThat(moco("gc", "--delete")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("Deleted 0 B of 0 stages");
        for (String name : List.of("a", "b")) {
            assertThat(decision(name).succeeded()).isTrue();
        }
    }

    @Test
    void gcKeepsWhatAFileNeeds() throws IOException {
        Path old = Files.copy(folder.resolve("b.yaml"), folder.resolve("old.yaml"));
        ran("b", "epochs: 50", 55);
        assertThat(moco("gc", old.toString(), "--delete")).isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .startsWith("Needed by a, b, b (" + old + ").\n")
                .contains(" of 0 stages");
    }

    @Test
    void anExperimentThatIsNoLongerNeededGoesWithItsRecord() throws IOException {
        assertThat(moco("gc", "--without", "b")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).startsWith("Needed by a.\n").contains("to delete in");
        assertThat(work.resolve("reports/b")).exists();
        assertThat(moco("gc", "--without", "b", "--delete")).isEqualTo(ExitCode.DONE);
        assertThat(work.resolve("reports/b")).doesNotExist();
        assertThat(work.resolve("reports/a")).exists();
        assertThat(moco("list")).isEqualTo(ExitCode.DONE);
        assertThat(console.output().lines()).hasSize(2).noneMatch(line -> line.startsWith("b "));
        assertThat(StageObjects.list(store.objects()).stages()).hasSize(3);
        assertThat(decision("a").succeeded()).isTrue();
    }

    @Test
    @SuppressWarnings("try") // the lock is only held
    void gcDeletesNothingWhileARunWorksInTheFolder() throws IOException {
        ran("b", "epochs: 50", 55);
        try (WorkFolder.Lock lock = new WorkFolder(work).lock()) {
            assertThat(moco("gc", "--delete")).isEqualTo(ExitCode.FAULT);
            assertThat(console.errors()).startsWith("moco: another `moco run` works in " + work);
        }
        assertThat(StageObjects.list(store.objects()).stages()).hasSize(7);
    }

    @Test
    void gcDeletesNothingWhereItCannotKnowWhatIsNeeded() throws IOException {
        store.objects().put("v1/runs/b.json", "{".getBytes(StandardCharsets.UTF_8));
        store.objects().put("v1/runs/..%2f.json", "{}".getBytes(StandardCharsets.UTF_8));
        assertThat(moco("gc", "--delete")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("what these experiments need is not known", "\n  b: is not JSON");
        assertThat(StageObjects.list(store.objects()).stages()).hasSize(5);
        assertThat(moco("list")).isEqualTo(ExitCode.DONE);
        assertThat(console.errors()).contains("the record of b cannot be read");
        store.objects().delete("v1/runs/a.json");
        store.objects().delete("v1/runs/b.json");
        assertThat(moco("gc", "--delete")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("no experiments are known in " + work);
        assertThat(StageObjects.list(store.objects()).stages()).hasSize(5);
    }

    @Test
    void duSaysWhoNeedsWhat() {
        assertThat(moco("du")).isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .startsWith("STAGE ")
                .containsPattern("prepare +[0-9a-f]{12} +[0-9.]+ (?:KiB|B) +committed +.* ago +a, b\n")
                .containsPattern("linear +[0-9a-f]{12} .* b\n")
                .contains("5 stages in " + work);
    }

    private Decision decision(String name) throws IOException {
        return new LocalObservations(ExperimentFile.read(folder.resolve(name + ".yaml")), store, (StoreLocation) null)
                .decide(Instant.now());
    }

    /** A task whose result is deleted. */
    private PlannedTask withoutResult(String name, String task) throws IOException {
        PlannedTask found = decision(name).tasks().stream()
                .filter(each -> each.task().name().equals(task))
                .findFirst()
                .orElseThrow();
        store.objects()
                .delete(ArtifactKey.prefix(found.task().stage(), found.key().orElseThrow()) + "manifest.json");
        return found;
    }

    /** Runs an experiment whose results are there. */
    private void ran(String name, String pretrain, double top1) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s}
                spec:
                  data: {imagenet: raw}
                  detection: {enabled: false}
                  linear: {baseline: false}
                  pretrain: {%s}
                """.formatted(name, pretrain));
        new CommittedResults(work).commit(ExperimentFile.read(file), top1, Commits.prepared(Task.PREPARE_IMAGENET));
        assertThat(moco("run", file.toString())).as(console.errors()).isEqualTo(ExitCode.DONE);
    }

    /** Runs a command on the work folder; the outputs are those of the last. */
    private int moco(String... arguments) {
        console.out.reset();
        console.error.reset();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--work", work.toString()));
        return Main.execute(all.toArray(String[]::new));
    }
}
